//! Examples and notes below the help of each command.
pub(super) const USAGE: &str = "\
syn2real FILE.csv [--target ERROR] [OPTIONS]   the whole answer
       syn2real COMMAND [OPTIONS]                     a part of it, or more";

pub(super) const EXAMPLES: &str = "\
Examples:
  syn2real cli/data/example.csv --target 0.25
  syn2real cli/data/example.csv -w model=resnet50 --target 0.25
  syn2real fit runs.csv -n images -e test_error -b model,task -f json

-n, -e, -s, -b, -w, -t, -f and -o stand for --n, --error, --score, --by, --where, --target, --format and --report in every command
that has them.
`syn2real help COMMAND` tells more about a command.";

pub(super) const FIT_EXAMPLES: &str = "\
Examples:
  One curve, as a table:
    syn2real fit curve.csv --n images --error test_error
  A curve for each model and task, without the rows of n = 0, as JSON:
    syn2real fit runs.csv --n n --error err --by model,task --where 'n>0' --format json
  As the paper's authors' code does (D fixed, linear residual, bounds):
    syn2real fit runs.csv --n n --error err --by model --fixed-d 0.48 --residual linear --alpha 0.1,1.5 --c 0,1
  A law that bends, for curves that begin slowly, with what was measured at n = 0:
    syn2real fit runs.csv --n n --error err --by model --law rectified
  Which law each curve asks for, and a forecast that takes none for granted:
    syn2real fit runs.csv --n n --error err --by model --law best --report out
  Known standard deviations of the errors, from a pipe, with a page of figures:
    zcat runs.csv.gz | syn2real fit - --n n --error err --sigma sd --report out

JSON has `law_name` and the `parameters` of the law under their names. A cell that cannot be used fails its group only; the
message names line, column and remedy.
`excluded` counts the rows of a group that a weight of 0 leaves out.

Exit status: 0 all groups fitted; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const FULL_EXAMPLES: &str = "\
Examples:
  A grid of pre-training sizes n and fine-tuning sizes s:
    syn2real full grid.csv --n n --s images --error err --where 'n>0'
  In the residual space of the paper's Appendix C.2, whose s is class-balanced, 1000 min(1300 p, 732) images, as JSON:
    syn2real full grid.csv --n n --s balanced_images --error err --where 'n>0' --residual linear --format json
  With the rows without pre-training, n = 0, and an irreducible error:
    syn2real full grid.csv --n n --s images --error err --n0 free --e free
  Outliers count less, beyond a thousandth as in the Chinchilla fit; a rate that is known:
    syn2real full grid.csv --n n --s images --error err --where 'n>0' --huber-delta 1e-3 --fixed-beta 0.3

The comparison has AICc over all points and the error at the largest n, held out of the fits, for the multiplicative law, the
additive law A n^-alpha + B s^-beta + E and the law with gamma = 0. Residuals by s tell where the law does not fit. JSON is
one object without --by, its values null if there is no fit, and a list of `fits` with it; both have a list of `errors`.

Exit status: 0 all groups fitted; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const DECOUPLE_EXAMPLES: &str = "\
Examples:
  A curve for each model and task:
    syn2real decouple runs.csv --n n --error err --by model,task
  As the paper's authors did (linear residual, bounds), for a thousand rounds:
    syn2real decouple runs.csv --n n --error err --by model,task --residual linear --alpha 0.1,1.5 --c 0,1 --rounds 1000

A round shrinks the distance to the fixed point by a percent or so: a short trace looks converged wherever it starts. The
fixed point is found by acceleration, from four starts; where it depends on the start, the verdict is not_identified. `fits`
hold D at the fixed point, or where the iteration ended if there is none. The shared D is a joint least-squares fit.

Exit status: 0 all curves used; 1 some could not be, the others are; 2 usage, or the file cannot be read.";

pub(super) const EXTRAPOLATE_EXAMPLES: &str = "\
Examples:
  syn2real extrapolate curve.csv --n images --error test_error --train-max 32000
  syn2real extrapolate runs.csv --n n --error err --by model --train-max 32000 --format json
  Every law, fitted where the column is_train has a 1, with the mean for each task and a page of figures:
    syn2real extrapolate runs.csv --n n --error err --by task,model --train-where is_train=1 --law all --mean-by task --report out

The power law is the law with C = 0. The last value is the error at the largest n fitted. Which one predicts best depends on
the window. `rmse log` is the root mean square of ln prediction - ln error. `best` is the forecast that takes no law for granted; how many
rows lie in its 95 % bands, of L(n) and of a new measurement, is the `coverage`. JSON has the means as `means`, csv has none.

Exit status: 0 all groups scored; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const ENTROPY_EXAMPLES: &str = "\
Examples:
  syn2real entropy activations.npy
  syn2real entropy activations.csv --no-header --format json
  syn2real entropy small_sample.npy --shrinkage 0.01

H = 1/2 (d ln(2 pi e) + ln det Sigma) in nats, Sigma the covariance of the samples. Files are streamed; the memory needed is
that of one covariance, 4 d^2 bytes. With N <= d samples, or dead units, Sigma has no full rank and there is no entropy unless
--shrinkage or --pseudo says what to do.

Exit status: 0, or 2 for a file that cannot be used.";

pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  Would more samples bring the error to 0.25, and how many?
    syn2real plan runs.csv --n n --error err --by model --target 0.25
  With at most two million, as JSON, and a page of figures:
    syn2real plan runs.csv --n n --error err --by model --target 0.25 --budget 2e6 --format json --report out
  And how many samples are enough in nine of ten refits to resampled residuals:
    syn2real plan runs.csv --n n --error err --by model --target 0.25 --probability 0.9

Verdicts: reachable, the interval of n* ends within the budget; unreachable, the transfer gap is above the target, change the
generator or the model; infeasible, n* is beyond the budget (2^53 without one); undetermined, the data do not say, measure
where the reason names. They rest on intervals, never on the estimate alone.

Exit status: 0 all groups have a verdict; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const ALLOCATE_EXAMPLES: &str = "\
Examples:
  The cheapest numbers for an error of 0.3, a real image at fifty times the price of a rendered one:
    syn2real allocate grid.csv --n n --s images --error err --target 0.3 --per-synthetic 0.01 --per-real 0.5
  The least error for 20000, a renderer at 5000 once:
    syn2real allocate grid.csv --n n --s images --error err --n0 free --budget 20000 --fixed-synthetic 5000
  Enough in nine of ten refits, collected in three rounds, missing the target at the price of a million:
    syn2real allocate grid.csv --n n --s images --error err --target 0.3 --probability 0.9 --rounds 3 --penalty 1e6

The law is the one that the data prefer, by AICc, or where there is none by the error at the largest n, held out: the full law or
the additive one, A n^-alpha + B s^-beta + E; the answer says which and why, and --law full or additive asks for one. With --n0 free and rows of n = 0 it tells how many real samples the pre-training replaces, and from which n it pays. The sizes
count those that are there already. Without --probability they follow from the fitted law alone.

Exit status: 0 all groups have an answer; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const NEXT_EXAMPLES: &str = "\
Examples:
  The measurement that tells most about the samples needed for 0.25, and what it would decide:
    syn2real next runs.csv --n n --error err --by model --target 0.25
  About the gap, of three sizes, each sample at a price:
    syn2real next runs.csv --n n --error err --aim c --candidates 32000,128000,512000 --per-sample 0.001 --fixed 10

`interval shrinks to` is the standard error after the measurement over that before; the choice is the largest decrease of its
logarithm per cost. It is asymptotic: to the quadratic approximation of the fit.

Exit status: 0 all groups have an answer; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const COMPARE_EXAMPLES: &str = "\
Examples:
  Which rendering is best with a million images, and do their gaps differ?
    syn2real compare runs.csv --n n --error err --by rendering --at 1e6
  As JSON, with wald intervals at the level 0.9:
    syn2real compare runs.csv --n n --error err --by rendering --level 0.9 --method wald --format json

Intervals of C and alpha hold for all settings together (Bonferroni), p-values for all pairs of a parameter (Holm). A pair is
not tested where a parameter is held or on a bound.

Exit status: 0 all settings compared; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const WATCH_EXAMPLES: &str = "\
Examples:
  A training loop that appends to a file, decisions as they are due:
    syn2real watch runs.csv --n n --error err --target 0.25 --budget 1e6 --follow
  A loop that talks through pipes, a JSON object on each line:
    train.sh | syn2real watch - --n n --error err --target 0.25 --format json

Decisions: measure_more at a size; generate up to a size, the target is within reach; change_setting, no number of samples will
do, or errors drift; stop. A group of --by has a controller of its own. With --follow it ends when every group has come to
stop or change_setting. Cells must not contain line ends. The scatter is taken from the measurements: --sigma tells only how
precise rows are beside each other.

Exit status: 0 all rows were used; 1 some were not; 2 usage, or the file cannot be read.";

pub(super) const RATES_EXAMPLES: &str = "\
Examples:
  syn2real rates --r0 0.5 --r1 0.5 --xi 3 --zeta 0
  syn2real rates --r0 0.6 --r1 0.9 --xi 2 --zeta 0.3 --relaxed --format json

The exponents are those of L <= const (c + n^-alpha_floor)^nu s^-beta. A condition that does not hold is listed; the exponents
are then what the row of Table 1 says, without its proof.

Exit status: 0, or 2 for a value outside its range.";

pub(super) const REPRODUCE_EXAMPLES: &str = "\
Examples:
  syn2real reproduce
  syn2real reproduce --out results/paper

It needs no file and no network: the measurements are in the program. The last line printed is the path of the page.";

pub(super) const ASK_EXAMPLES: &str = "\
Examples:
  Will more images bring the error to 0.25?
    syn2real runs.csv --target 0.25
  For each model, the best first, with at most a million, and a page of figures:
    syn2real runs.csv -n images -e error -b model -t 0.25 --budget 1M -o out
  What does the curve say, and what would half a million and five million bring?
    syn2real runs.csv --at 500k,5M

The numbers are those of `fit`, `plan` and `next` with the same options. Colours only on a terminal (NO_COLOR, CLICOLOR_FORCE);
ASCII where the locale is not UTF-8.

Exit status: 0 all groups have an answer; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  syn2real completions bash > ~/.local/share/bash-completion/completions/syn2real
  syn2real completions zsh > ~/.zfunc/_syn2real
  syn2real completions fish > ~/.config/fish/completions/syn2real.fish
  syn2real completions powershell >> $PROFILE";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  syn2real man | man -l -
  syn2real man plan | man -l -
  syn2real man --out /usr/local/share/man/man1";
