"""The figures of the page on benchmarks, from the measurements in the folder that this runs in."""

import matplotlib.pyplot as plt
import pandas as pd

OWN = "sklearn_xmr"


def peers():
    """Times of each system, as multiples of this package's, one panel a measure."""
    measured = pd.read_csv("peers.csv")
    measures = {
        "fit_seconds": "fit",
        "batch_us": "ranking a batch",
        "single_p50_ms": "ranking one row",
    }
    _, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharey=True, layout="constrained")
    for ax, (measure, title) in zip(axes, measures.items(), strict=True):
        times = measured.pivot(index="system", columns="data", values=measure)
        ratios = times / times.loc[OWN]
        ratios.loc[pd.unique(measured["system"])[::-1]].plot.barh(ax=ax, legend=False)
        ax.axvline(1, color="black", linewidth=1)
        ax.set(title=title, xlabel=f"time / {OWN}'s", ylabel="", xscale="log")
    axes[0].legend(title="", fontsize="small")


def labels():
    """Growth with the number of labels."""
    measured = pd.read_csv("labels.csv").set_index("names")
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    measured["fit_seconds"].plot(ax=left, marker="o", loglog=True, ylabel="fit, s")
    columns = {
        "text_us_p50": "one text, median",
        "text_us_p99": "one text, 99th percentile",
        "single_us_p50": "one row, median",
        "batch_us": "a row of a batch",
    }
    times = measured.rename(columns=columns)[list(columns.values())]
    times.plot(ax=middle, marker="o", loglog=True, ylabel="microseconds")
    memory = measured.rename(columns={"peak_mb": "peak of fit", "model_mb": "model"})
    memory[["peak of fit", "model"]].plot(ax=right, marker="o", loglog=True, ylabel="MB")
    middle.legend(fontsize="small")
    for ax in (left, middle, right):
        ax.set_xlabel("labels")


def options():
    """What each option gains over the defaults, with its interval; one panel a data set."""
    measured = pd.read_csv("options.csv").dropna(subset="gain")
    interval = r"(?P<gain>[-+][\d.]+) \[(?P<low>[-+][\d.]+), (?P<high>[-+][\d.]+)\]"
    gains = measured["gain"].str.extract(interval).astype(float)
    measured = measured[["data", "setting"]].join(gains)
    groups = measured.groupby("data", sort=False)
    _, axes = plt.subplots(1, len(groups), figsize=(12, 7), sharey=True, layout="constrained")
    for ax, (name, rows) in zip(axes, groups, strict=True):
        around = rows["gain"] - rows["low"], rows["high"] - rows["gain"]
        ax.errorbar(rows["gain"], rows["setting"], xerr=around, fmt="o", markersize=4)
        ax.axvline(0, color="black", linewidth=1)
        ax.set(title=name.replace("_subjects-", "_subjects,\n"), xlim=(-3.2, 2.2))
        ax.grid(axis="y", alpha=0.3)
    axes[0].invert_yaxis()


def features():
    """Growth with the number of features."""
    measured = _sweep("features")
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    measured["fit_seconds"].plot(ax=left, marker="o", logx=True, ylabel="fit, s", ylim=0)
    measured["batch_us"].plot(ax=middle, marker="o", logx=True, ylabel="us a row", ylim=0)
    measured["P@1"].plot(ax=right, marker="o", logx=True, ylabel="P@1, %")
    for ax in (left, middle, right):
        ax.set_xlabel("features, the most frequent")


def beam_and_threshold():
    """What the beam and pruning trade."""
    _, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", sharey=True)
    sweeps = {"beam_widths": "beam_width", "thresholds": "prune_threshold"}
    for ax, (sweep, name) in zip(axes, sweeps.items(), strict=True):
        measured = _sweep(sweep)
        ax.plot(measured["batch_us"], measured["P@1"], marker="o")
        for value, figures in measured.iterrows():
            place = figures["batch_us"], figures["P@1"]
            ax.annotate(f"{value:g}", place, xytext=(0, -14), textcoords="offset points")
        ax.set(title=name, xlabel="us a row", ylabel="P@1, %")
        ax.margins(0.1)  # for the numbers at its edges


def threads():
    """What a second thread gains."""
    measured = _sweep("threads")[["fit_seconds", "batch_us"]]
    speedups = (measured.loc[1] / measured).rename(
        columns={"fit_seconds": "fit", "batch_us": "ranking a batch"}
    )
    _, ax = plt.subplots(figsize=(4.5, 3.2), layout="constrained")
    speedups.index = speedups.index.astype(int)
    speedups.plot.bar(ax=ax, rot=0, xlabel="threads", ylabel="times as fast as with one")


def _sweep(name):
    measured = pd.read_csv("sweeps.csv")
    return measured[measured["sweep"] == name].set_index("value")
