"""A claim card: what the paper says, what we measured, the verdict."""

from IPython.display import Markdown

MARK = {
    "reproduced": "reproduced",
    "not reproduced": "not reproduced at this scale",
    "inconclusive": "inconclusive at this scale",
}


def claim_card(row: dict) -> Markdown:
    """A row of the ledger (`claims.entry(name)`) as a table to read."""
    low, high = row["interval"]
    return Markdown(
        f"| claim | {row['statement']} |\n|:--|:--|\n"
        f"| paper | {row['paper_number']} ({row['source']}) |\n"
        f"| protocol | {row['protocol']} |\n"
        f"| we measured | **{row['ours']:+.3g}** {row['unit']}; 95 % interval "
        f"{low:+.3g} to {high:+.3g}, {row['seeds']} seeds, {row['date']} |\n"
        f"| verdict | **{MARK[row['verdict']]}** |"
    )
