"""Checks records, bodies and the Merkle proofs of this evidence; verify.sh runs it. Standard library only."""

import base64
import hashlib
import json
import pathlib
import sys

ED25519 = b"\x01"


def sha(data):
    return hashlib.sha256(data).digest()


def root_from(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2: the root that an audit path leads to."""
    found, place, last = leaf, index, size - 1
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    for step in path:
        if last == 0:
            raise ValueError("the path is too long")
        if place & 1 or place == last:
            found = sha(b"\x01" + step + found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha(b"\x01" + found + step)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return found


def check(holds, what):
    if not holds:
        sys.exit("NOT SO: " + what)


def main():
    here, work = pathlib.Path("."), pathlib.Path(sys.argv[1])
    files = sorted(one.as_posix() for one in here.rglob("*") if one.is_file() and one.as_posix() != "SHA256SUMS")
    sums = "".join(f"{sha((here / name).read_bytes()).hex()}  {name}\n" for name in files)
    check((here / "SHA256SUMS").read_text() == sums, "SHA256SUMS lists every file of this folder, and no other")

    body, _, signed = (here / "checkpoint.txt").read_bytes().decode().partition("\n\n")
    origin, size, root = body.split("\n")
    proof = json.loads((here / "proof.json").read_text())
    check(proof["size"] == int(size), "the proofs are for the size of the checkpoint")
    check(proof["root"] == base64.b64decode(root, validate=True).hex(), "the proofs are for the root of the checkpoint")

    for entry in proof["records"]:
        said = (here / entry["record"]).read_bytes()
        record = json.loads(said)
        path = [bytes.fromhex(step) for step in entry["path"]]
        found = root_from(sha(b"\x00" + said), entry["index"], proof["size"], path)
        check(found.hex() == proof["root"], f"{entry['record']} is in the log")
        for part, named in (("body", "sha256"), ("declaration", "declaration")):
            if part in entry:
                is_it = sha((here / entry[part]).read_bytes()).hex() == record[named]
                check(is_it, f"{entry[part]} is what {entry['record']} names")
        print(
            f"ok: {entry['record']} is leaf {entry['index']} of the log of {size}: {record['document']} {record['at']}"
        )

    lines = signed.splitlines()
    check(len(lines) == 1 and lines[0].startswith(f"\u2014 {origin} "), "the checkpoint has one signature of the log")
    signature = base64.b64decode(lines[0].rpartition(" ")[2], validate=True)
    pem = "".join(line for line in (here / "log-key.pem").read_text().splitlines() if "-" not in line)
    public = base64.b64decode(pem, validate=True)[-32:]
    named = sha(origin.encode() + b"\n" + ED25519 + public)[:4]
    check(signature[:4] == named, "the signature names the key in log-key.pem")
    (work / "signed").write_bytes(body.encode() + b"\n")
    (work / "signature").write_bytes(signature[4:])


main()
