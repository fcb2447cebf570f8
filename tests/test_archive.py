"""What goes in comes out, small; what is damaged says so."""

import random
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import Corrupt
from tracker.store.archive import DEPTH, Reference, compress, decompress

PAGE = b"".join(b"<p>%d clause of the terms %d</p>" % (n, n * 7919 % 1000) for n in range(2000))


@given(raw=st.binary(max_size=3000), prefix=st.binary(max_size=3000))
def test_any_bytes_come_back_exactly(raw, prefix):
    frame = compress(raw, [Reference(1, 0, prefix)])
    assert decompress(frame.data, prefix if frame.base else b"") == raw


def test_a_page_that_changed_little_costs_little():
    later = PAGE.replace(b"42 clause", b"42nd clause")
    frame = compress(later, [Reference(7, 3, PAGE)])
    assert frame.base == 7
    assert frame.depth == 4
    assert len(frame.data) < len(compress(later).data) / 20


def test_a_chain_ends_at_its_bound():
    assert compress(PAGE, [Reference(7, DEPTH, PAGE)]).base is None


def test_unlike_content_stands_alone():
    noise = random.Random(1).randbytes(5000)
    assert compress(noise, [Reference(7, 0, PAGE)]).base is None


def test_damage_is_named_and_not_returned():
    frame = compress(PAGE).data
    for place in (0, len(frame) // 2, len(frame) - 1):
        damaged = frame[:place] + bytes([frame[place] ^ 0x55]) + frame[place + 1 :]
        with pytest.raises(Corrupt):
            decompress(damaged)


@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs the zstd command")
def test_the_zstd_command_reads_a_chain_without_this_program(tmp_path):
    later = PAGE.replace(b"42 clause", b"42nd clause")
    (tmp_path / "1.zst").write_bytes(compress(PAGE).data)
    (tmp_path / "2.zst").write_bytes(compress(later, [Reference(1, 0, PAGE)]).data)
    for command in ("zstd -d 1.zst -o 1", "zstd -d --long=27 --patch-from=1 2.zst -o 2"):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "1").read_bytes() == PAGE
    assert (tmp_path / "2").read_bytes() == later
