# One target per experiment, and all figures, all tables. Figures and tables are targets themselves.


for number in BOXES:

    rule:
        name:
            f"figure_{number}"
        input:
            box_figures(number),
        localrule: True
        message:
            f"Figure {number}: experiment {' and '.join(BOXES[number]['experiments'])}"


rule basic:
    input:
        rules.figure_counts.output,
    localrule: True
    message:
        "Experiment basic: the four counts over many networks (figure_counts)"


rule example:
    input:
        rules.figure_2.output,
        rules.figure_4.output,
        rules.table_1.output,
        rules.table_2.output,
    localrule: True
    message:
        "Experiment example: one network in full (figure_2, figure_4, table_1, table_2)"


rule size:
    input:
        box_figures("3", "7"),
    localrule: True
    message:
        "Experiment size: the width of the hidden layers (figures 3 and 7)"


rule tasks:
    input:
        box_figures("3", "8"),
    localrule: True
    message:
        "Experiment tasks: the number of targets (figures 3 and 8)"


rule gate:
    input:
        box_figures("5", "6"),
    localrule: True
    message:
        "Experiment gate: the target gate (figures 5 and 6)"


rule loss:
    input:
        box_figures("9"),
    localrule: True
    message:
        "Experiment loss: the loss below which training stops (figure 9)"


rule noise:
    input:
        rules.table_3.output,
    localrule: True
    message:
        "Experiment noise: noise on the training inputs (table_3)"


rule distribution:
    input:
        rules.table_4.output,
    localrule: True
    message:
        "Experiment distribution: the distribution of the training inputs (table_4)"


rule untrained:
    input:
        rules.table_untrained.output,
    localrule: True
    message:
        "Experiment untrained: random initialisations that compute a gate (table_untrained)"


rule ladder:
    input:
        rules.figure_ladder.output,
        rules.table_ladder.output,
    localrule: True
    message:
        "The ladder: which criterion leaves one explanation (figure_ladder, table_ladder)"


rule exact:
    input:
        rules.figure_exact.output,
        rules.table_coverage.output,
    localrule: True
    message:
        "Experiment exact: counts without a cap (figure_exact, table_coverage)"


rule k6:
    input:
        [
            at("results", "summary", f"{family.name}.parquet")
            for family in settings.experiments["exact"].single
        ],
    localrule: True
    message:
        "Experiment exact, width 6: counted without a cap, hours of work (not part of `all`)"


rule digits:
    input:
        rules.figure_digits.output,
        rules.table_digits.output,
        rules.table_digit_families.output,
    localrule: True
    message:
        "Experiment digits: the last layers of larger networks (figure_digits, table_digits)"


rule figures:
    input:
        rules.figure_2.output,
        rules.figure_4.output,
        rules.figure_counts.output,
        box_figures(*BOXES),
        rules.figure_ladder.output,
        rules.figure_exact.output,
        rules.figure_digits.output,
    localrule: True
    message:
        "All figures"


rule tables:
    input:
        rules.table_1.output,
        rules.table_2.output,
        rules.table_3.output,
        rules.table_4.output,
        rules.table_tests.output,
        rules.table_untrained.output,
        rules.table_ladder.output,
        rules.table_coverage.output,
        rules.table_digits.output,
        rules.table_digit_families.output,
        rules.claims.output,
        rules.table_verdicts.output,
        rules.table_differences.output,
    localrule: True
    message:
        "All tables, and the verdicts on the claims"
