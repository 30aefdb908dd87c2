"""Saves the view "DISCARD reasons" in a project of W&B: the discarded trials in groups by the gate that stopped them, most nearly passed first, with
value, threshold and class in columns, and how much the trials of each gate missed.

    pip install wandb-workspaces
    WANDB_API_KEY=... python3 config/wandb-workspace.py ENTITY PROJECT

Then two clicks: the view, in the list of saved views at the top of the project, and a group.
"""

import sys

import wandb_workspaces.reports.v2 as wr
import wandb_workspaces.workspaces as ws


def workspace(entity, project):
    return ws.Workspace(
        entity=entity,
        project=project,
        name="DISCARD reasons",
        sections=[
            ws.Section(
                name="By the gate that decided",
                is_open=True,
                panels=[
                    wr.BarPlot(title="Share of the threshold that was missed, mean", metrics=["gap"]),
                    wr.BarPlot(title="Value at the gate, mean", metrics=["value"]),
                ],
            )
        ],
        runset_settings=ws.RunsetSettings(
            filters=[ws.Summary("outcome") == "discard"],
            groupby=[ws.Summary("gate")],
            order=[ws.Ordering(ws.Summary("gap"), ascending=True)],
            pinned_columns=["run:displayName", "summary:gate", "summary:value", "summary:threshold", "summary:class"],
        ),
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(workspace(*sys.argv[1:]).save().url)
