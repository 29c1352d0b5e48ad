"""Verifies the signature of a file as the command ``xmlsec1 --verify --trusted-pem CERTIFICATE FILE`` does, with that program's library.

Nothing of Anlan is imported: it runs by itself. Exit code 0: the signature holds; 1: it does not, with the reason.
"""

import sys
from pathlib import Path

import xmlsec
from lxml import etree


def main(certificate: str, file: str) -> str:
    """Why the signature does not hold; empty when it does."""
    root = etree.fromstring(Path(file).read_bytes())
    signature = xmlsec.tree.find_node(root, xmlsec.Node.SIGNATURE)
    if signature is None:
        return "no signature"
    keys = xmlsec.KeysManager()
    keys.load_cert(certificate, xmlsec.KeyFormat.PEM, xmlsec.KeyDataType.TRUSTED)
    try:
        xmlsec.SignatureContext(keys).verify(signature)
    except xmlsec.Error as wrong:
        return str(wrong)
    return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
