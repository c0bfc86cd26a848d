"""What is said of institutions with and without the standard contract, and what is not."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.contracts import rates, sentence


def groups(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    columns = ["contract", "institutions", "disputes", "squares"]
    return pd.DataFrame(rows, columns=columns)


def test_rate_is_of_institutions_and_its_interval_of_their_counts() -> None:
    # Ten institutions with 1 dispute each and ten with 3: mean 2, variance 20 / 19.
    [row] = rates(groups(("yes", 20, 40, 100))).to_dict("records")

    assert row["per_100"] == 200
    # They spread less than by chance: chance is what counts, a variance of 2.
    factor = math.exp(1.959964 * math.sqrt(2 / 20) / 2)
    assert (row["low"], row["high"]) == pytest.approx((200 / factor, 200 * factor))


def test_disputes_of_one_institution_make_the_rate_less_sure() -> None:
    spread, heaped = rates(groups(("yes", 50, 50, 50), ("no", 50, 50, 2_500))).to_dict("records")

    assert spread["per_100"] == heaped["per_100"] == 100
    assert heaped["high"] / heaped["low"] > spread["high"] / spread["low"]


def test_without_a_dispute_the_rate_has_an_end_all_the_same() -> None:
    [row] = rates(groups(("yes", 100, 0, 0))).to_dict("records")

    assert (row["per_100"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(3.6889, abs=1e-4)  # exact Poisson for 0


@pytest.mark.parametrize(("institutions", "is_told"), [(9, False), (10, True)])
def test_rate_of_fewer_than_ten_institutions_is_not_told(institutions: int, is_told: bool) -> None:
    rated = rates(groups(("yes", institutions, 3, 3), ("no", 40, 8, 8)))

    assert rated["per_100"].notna().tolist() == [is_told, True]
    assert ("不作比较" in sentence(rated)) is not is_told


def test_what_would_have_been_is_said_without_saying_why() -> None:
    said = sentence(
        rates(groups(("yes", 200, 100, 120), ("no", 50, 60, 90), ("unlinked", 0, 4, 0)))
    )

    assert said.startswith(
        "未使用示范合同的 50 家登记纠纷 60 件；若与使用的机构同样每百家 50.0 件，则约 25 件"
    )
    assert said.endswith("两类机构本身不同，不能据此说是合同的作用。")


def test_without_one_of_the_two_there_is_nothing_to_compare() -> None:
    assert "无从比较" in sentence(rates(groups(("yes", 200, 100, 120))))
    assert "无从比较" in sentence(rates(groups()))
