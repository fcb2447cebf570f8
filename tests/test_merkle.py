"""The log's tree, held against the definition of RFC 6962 and its known answers."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.log import merkle
from tracker.log.merkle import Frontier, consistency, consistent, inclusion, leaf_hash, root, root_from

# Known answers for the leaves of RFC 6962's reference implementation.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes([n % 256, n // 256])) for n in range(260)]


def by_definition(leaves):
    """The root as the standard defines it, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


def test_known_answers():
    leaves = [leaf_hash(bytes.fromhex(one)) for one in INPUTS]
    assert [root(leaves[: n + 1]).hex() for n in range(8)] == ROOTS
    assert root([]) == sha256(b"").digest()


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100, 255, 256, 257])
def test_a_tree_that_grows_has_the_root_of_the_definition(size):
    tree = Frontier()
    tree.extend(LEAVES[:size])
    assert tree.root == by_definition(LEAVES[:size])
    assert len(tree.roots) == size.bit_count()


@given(st.integers(1, 200), st.data())
def test_every_leaf_is_proved_to_be_in_the_tree_and_no_other_is(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    path = inclusion(leaves, index)
    assert root_from(leaves[index], index, size, path) == root(leaves)
    assert root_from(leaf_hash(b"another"), index, size, path) != root(leaves)
    if path:
        other = [path[0][::-1], *path[1:]]
        assert root_from(leaves[index], index, size, other) != root(leaves)


@given(st.integers(1, 60), st.integers(0, 59))
def test_a_path_of_another_length_is_refused(size, index):
    leaves, index = LEAVES[:size], index % size
    path = inclusion(leaves, index)
    for wrong in ([*path, leaves[0]], path[:-1]):
        if wrong != path:
            with pytest.raises(ValueError, match="path"):
                root_from(leaves[index], index, size, wrong)


@given(st.integers(1, 120), st.integers(0, 120))
def test_a_tree_is_proved_to_have_only_grown(first, more):
    second = first + more
    proof = consistency(LEAVES[:second], first)
    old, new = root(LEAVES[:first]), root(LEAVES[:second])
    assert consistent(first, second, old, new, proof)
    rewritten = root([leaf_hash(b"rewritten"), *LEAVES[1:first]])
    assert not consistent(first, second, rewritten, new, proof)
    if proof:
        assert not consistent(first, second, old, new, proof[:-1])
        assert not consistent(first, second, old, new, [*proof, old])
        assert not consistent(first, second, old, old, proof)


@pytest.mark.parametrize("asked", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(asked):
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(LEAVES[:3], asked)


def test_there_is_no_proof_for_an_earlier_tree_that_is_larger():
    with pytest.raises(ValueError, match="earlier"):
        merkle.consistency(LEAVES[:3], 4)
