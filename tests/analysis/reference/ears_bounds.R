# Makes ears_bounds.csv: upper bounds and alarms of EARS C1 and C2 by surveillance::earsC.
#   Rscript ears_bounds.R > ears_bounds.csv
suppressPackageStartupMessages(library(surveillance))

series <- list(
  busy = c(14, 9, 17, 12, 20, 11, 8, 15, 13, 10, 22, 16, 9, 12, 41, 18, 11, 14, 7, 13, 10, 19, 12, 15),
  sparse = c(0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 4, 0),
  zeros = rep(0, 24),
  constant = rep(5, 24),
  stepped = c(rep(3, 12), rep(9, 12)),
  with_gap = c(6, 4, 7, 5, NA, 8, 6, 5, 7, 4, 6, 9, 5, 7, 6, 30, NA, 5, 6, 7, 4, 8, 6, 5),
  from_nothing = c(rep(0, 20), 1, 2, 6, 11)
)
settings <- list(
  list(baseline = 7, alpha = 0.001, minSigma = 0),
  list(baseline = 7, alpha = 0.001, minSigma = 0.5),
  list(baseline = 7, alpha = 0.01, minSigma = 1),
  list(baseline = 3, alpha = 0.001, minSigma = 0),
  list(baseline = 13, alpha = 0.025, minSigma = 0.5)
)

cat("#", R.version.string, "; surveillance", as.character(packageVersion("surveillance")), "\n")
cat("series,method,baseline,alpha,min_sigma,place,observed,upper_bound,alarm\n")
for (name in names(series)) {
  counts <- sts(series[[name]])
  for (setting in settings) {
    for (method in c("C1", "C2")) {
      first <- setting$baseline + ifelse(method == "C1", 1, 3)
      judged <- earsC(counts, control = c(list(range = first:24, method = method), setting))
      none <- rep(NA, first - 1)
      cat(sprintf(
        "%s,%s,%d,%s,%s,%d,%s,%.17g,%s\n", name, method, setting$baseline, setting$alpha,
        setting$minSigma, 1:24, series[[name]], c(none, upperbound(judged)[, 1]),
        c(none, alarms(judged)[, 1])
      ), sep = "")
    }
  }
}
