"""Against the published vectors of RFC 6962 implementations (the eight leaves of certificate-transparency)."""

import pytest

from rsi_sandbox.lineage import merkle

LEAVES = [
    merkle.leaf_hash(bytes.fromhex(text))
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_match_the_vectors(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_inclusion_path_matches_the_vector() -> None:
    assert [node.hex() for node in merkle.inclusion_proof(LEAVES, 0)] == PATH_OF_FIRST


@pytest.mark.parametrize("size", range(1, 9))
def test_every_leaf_is_shown_included_and_no_other(size: int) -> None:
    root = merkle.root_of(LEAVES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(LEAVES[:size], index)
        assert merkle.included(LEAVES[index], index, size, proof, root)
        assert not merkle.included(merkle.leaf_hash(b"other"), index, size, proof, root)
        assert not merkle.included(LEAVES[index], index, size, [*proof, root], root)
        assert not merkle.included(LEAVES[index], size, size, proof, root)


@pytest.mark.parametrize("new", range(1, 9))
def test_every_prefix_is_shown_consistent_and_no_other(new: int) -> None:
    root = merkle.root_of(LEAVES[:new])
    for old in range(1, new + 1):
        proof = merkle.consistency_proof(LEAVES[:new], old)
        before = merkle.root_of(LEAVES[:old])
        assert merkle.consistent(old, before, new, root, proof)
        assert not merkle.consistent(old, merkle.leaf_hash(b"x"), new, root, proof)
        assert not merkle.consistent(old, before, new, merkle.leaf_hash(b"x"), proof)


def test_a_grown_copy_leaves_the_edge_alone() -> None:
    edge = merkle.Frontier()
    edge.append(LEAVES[0])
    edge.copy().append(LEAVES[1])
    assert (edge.size, edge.root().hex()) == (1, ROOTS[1])


@pytest.mark.parametrize("index", [-1, 3])
def test_proofs_about_leaves_that_are_not_there_are_refused(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(LEAVES[:3], index)


def test_proof_about_no_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="no prefix"):
        merkle.consistency_proof(LEAVES[:3], 0)
