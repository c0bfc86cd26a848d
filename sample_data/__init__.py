"""A made-up city, as the ledgers its counties would send. Nothing in it is real but the towns."""
