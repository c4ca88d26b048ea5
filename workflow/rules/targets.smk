# One target per experiment, and all figures, all tables. Figures and tables are targets themselves.


rule basic:
    input:
        rules.figure_counts.output,
        rules.table_3.output,
    localrule: True
    message:
        "Experiment basic: the four counts over many networks (figure_counts, table_3)"


rule example:
    input:
        rules.figure_2.output,
        rules.figure_4.output,
        rules.table_1.output,
        rules.table_2.output,
    localrule: True
    message:
        "Experiment example: one network in full (figure_2, figure_4, table_1, table_2)"


rule figures:
    input:
        rules.figure_2.output,
        rules.figure_4.output,
        rules.figure_counts.output,
    localrule: True
    message:
        "All figures"


rule tables:
    input:
        rules.table_1.output,
        rules.table_2.output,
        rules.table_3.output,
    localrule: True
    message:
        "All tables"
