"""The log that shows whether the archive was altered: leaves, the Merkle tree over them, signed checkpoints. Pure."""
