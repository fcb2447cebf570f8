"""What reading reaches on real captures may not fall below what it has reached."""

import importlib.util
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parent.parent / "benchmarks" / "extract.py"
SAMPLE = (  # the lighter half; the benchmark plays all
    "badoo/privacy-policy claude-ai/acceptable-use-policy claude-ai/privacy-policy cursor/privacy-policy "
    "doctolib/privacy-policy doctolib/trackers-policy doubao/privacy-policy finya/privacy-policy "
    "llama-api/terms-of-service meetic/privacy-policy microsoft-copilot/terms-of-service "
    "mon-espace-sante/privacy-policy tempo-labs/terms-of-service xai/privacy-policy"
)


def benchmark():
    if "benchmark_extract" not in sys.modules:
        spec = importlib.util.spec_from_file_location("benchmark_extract", BENCHMARK)
        module = importlib.util.module_from_spec(spec)
        sys.modules["benchmark_extract"] = module
        spec.loader.exec_module(module)
    return sys.modules["benchmark_extract"]


def played(job: tuple[Path, bool]) -> tuple[Counter, Counter]:
    score = benchmark().score(*job)
    return score.steps, score.versions


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("selectors", "most_false"), [(True, 0.011), (False, 0.011)], ids=["selectors", "no selectors"]
)
def test_real_changes_are_found_and_nothing_else(corpus, selectors, most_false):
    """Each substantive step gives a version, blocked captures never do, and steps without a change hardly ever."""
    jobs = [(corpus / "replay" / "docs" / name, selectors) for name in SAMPLE.split()]
    steps, versions = Counter(), Counter()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        for one, other in pool.map(played, jobs):
            steps += one
            versions += other

    assert versions["blocked"] + versions["after-none"] == 0
    assert versions["substantive"] == steps["substantive"] > 80
    assert versions["after-substantive"] == steps["after-substantive"]
    assert versions["none"] <= most_false * steps["none"]
