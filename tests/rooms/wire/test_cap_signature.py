"""Signatures: ours verify, also by another tool; nobody else's key, wrapping, weakening or tampering gets anything past us."""

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from tests.rooms.wire.test_cap import sample

from anlan.wire import cap
from anlan.wire.cap.encode import element
from anlan.wire.cap.signature import CannotSign, SignatureRefused, Trust, sign, verify

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DS = "http://www.w3.org/2000/09/xmldsig#"


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def issue(subject, key, *, issuer=None, issuer_key=None, authority=False, days=(-1, 365), may_sign=True):
    usage = {"digital_signature": may_sign and not authority, "key_cert_sign": authority, "crl_sign": authority}
    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer or subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(unused, False)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key()), critical=False)
    )
    return builder.sign(issuer_key or key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(key, password=None):
    cover = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cover)


class Signer:
    def __init__(self, subject, key, **how):
        self.key, self.certificate = key, issue(subject, key, **how)

    def sign(self, alert=None):
        return sign(alert or sample(), key=pem(self.key), certificate=self.certificate)

    @property
    def trust(self):
        return Trust(certificates=(self.certificate,))


@pytest.fixture(scope="module")
def bureau():
    return Signer("bureau", ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="module")
def stranger():
    return Signer("bureau", ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def rsa_bureau(rsa_key):
    return Signer("rsa bureau", rsa_key)


def refused(data, trust, now=NOW):
    with pytest.raises(SignatureRefused) as caught:
        verify(data, trust, now=now)
    return caught.value.codes


@pytest.mark.parametrize("who", ["bureau", "rsa_bureau"])
def test_what_we_sign_verifies_and_is_valid_by_the_schema(request, shared, who):
    signer = request.getfixturevalue(who)
    data = signer.sign()
    found = verify(data, signer.trust, now=NOW)
    assert found.alert == sample() == cap.decode(data)
    assert found.received.signed is False, "what was signed has no signature in it"
    assert (cap.read(data).signed, len(found.fingerprint)) == (True, 64)
    etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd"))).assertValid(etree.fromstring(data))


def test_what_we_sign_verifies_when_reckoned_by_hand(rsa_bureau):
    """As W3C XML Signature §3.2 describes it, with nothing but canonical XML, SHA-256 and RSA."""
    root = etree.fromstring(rsa_bureau.sign())
    signature = root.find(f"{{{DS}}}Signature")
    info = etree.tostring(signature.find(f"{{{DS}}}SignedInfo"), method="c14n", exclusive=True)
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue"))
    rsa_bureau.key.public_key().verify(value, info, padding.PKCS1v15(), hashes.SHA256())
    digest = base64.b64decode(signature.findtext(f".//{{{DS}}}DigestValue"))
    signature.getprevious().tail = (signature.getprevious().tail or "") + (signature.tail or "")
    root.remove(signature)
    assert hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).digest() == digest


@pytest.mark.parametrize("who", ["bureau", "rsa_bureau"])
def test_an_independent_tool_verifies_what_we_sign(request, tmp_path, who):
    tool = shutil.which("xmlsec1")
    if tool is None:
        pytest.skip("xmlsec1 is not installed on this machine")
    signer = request.getfixturevalue(who)
    (tmp_path / "certificate.pem").write_bytes(signer.certificate)
    (tmp_path / "message.xml").write_bytes(signer.sign())
    command = [tool, "--verify", "--verification-time", "2026-11-22 00:00:00", "--trusted-pem", "certificate.pem", "message.xml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / "message.xml").write_bytes(signer.sign().replace("某县".encode(), "某市".encode()))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=30, check=False).returncode != 0


def test_one_of_several_registered_certificates_is_enough_and_another_key_is_not(bureau, rsa_bureau, stranger):
    both = Trust(certificates=(rsa_bureau.certificate, bureau.certificate))
    assert verify(bureau.sign(), both, now=NOW).subject == "CN=bureau"
    bundle = Trust(certificates=(rsa_bureau.certificate + bureau.certificate,))
    assert verify(bureau.sign(), bundle, now=NOW).subject == "CN=bureau"
    assert refused(stranger.sign(), both) == {"not_trusted"}
    assert refused(bureau.sign(), Trust()) == {"nobody_trusted"}


def test_a_stranger_who_puts_our_certificate_beside_his_signature_gets_nowhere(bureau, stranger):
    forged = stranger.sign().decode()
    mine = "".join(bureau.certificate.decode().split("\n")[1:-2])
    forged = re.sub(r"(X509Certificate>)[^<]+(</)", rf"\g<1>{mine}\g<2>", forged)
    assert refused(forged.encode(), bureau.trust) == {"tampered"}
    without = re.sub(r"<ds:KeyInfo>.*</ds:KeyInfo>", "", stranger.sign().decode(), flags=re.S)
    assert refused(without.encode(), bureau.trust) == {"tampered"}


def test_a_signature_without_its_certificate_is_tried_against_those_registered(bureau, rsa_bureau):
    bare = re.sub(r"<ds:KeyInfo>.*</ds:KeyInfo>", "", bureau.sign().decode(), flags=re.S).encode()
    assert verify(bare, Trust(certificates=(rsa_bureau.certificate, bureau.certificate)), now=NOW).alert == sample()


def test_an_authority_vouches_for_those_it_issued_and_for_nobody_else(bureau):
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = issue("root", root_key, authority=True)
    trust = Trust(authorities=(root,))
    leaf = Signer("county", leaf_key, issuer="root", issuer_key=root_key)
    assert verify(leaf.sign(), trust, now=NOW).subject == "CN=county"
    assert verify(leaf.sign(), replace(trust, subjects=("CN=county",)), now=NOW).alert == sample()
    assert refused(leaf.sign(), replace(trust, subjects=("CN=city",))) == {"not_trusted"}
    assert refused(bureau.sign(), trust) == {"not_trusted"}
    mute = Signer("county", leaf_key, issuer="root", issuer_key=root_key, may_sign=False)
    assert refused(mute.sign(), trust) == {"not_trusted"}


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)])
def test_a_certificate_counts_within_its_time_only(bureau, days):
    signer = Signer("bureau", bureau.key, days=days)
    assert refused(signer.sign(), signer.trust) == {"certificate_not_valid"}
    assert verify(signer.sign(), signer.trust, now=NOW + timedelta(days=sum(days) / 2)).alert == sample()


@pytest.mark.parametrize(("old", "new"), [("某县", "某市"), ("Actual", "Test"), (">Alert<", ">Ack<"), ("</info>", "</info>\n")])
def test_a_changed_message_is_refused(bureau, old, new):
    assert refused(bureau.sign().replace(old.encode(), new.encode(), 1), bureau.trust) == {"tampered"}


def test_comments_are_no_part_of_what_is_read(bureau):
    data = bureau.sign().replace(b"<event>", b"<event><!-- all clear -->")
    assert verify(data, bureau.trust, now=NOW).alert == sample()


def parts(data):
    root = etree.fromstring(data)
    return root, root.find(f"{{{DS}}}Signature")


def other():
    return element(replace(sample(), identifier="FORGED"))


def wrapped_around(data):
    """The signed message inside the note of a forged one, signature and all."""
    forged = other()
    etree.SubElement(forged, f"{{{cap.message.NAMESPACE}}}note").append(etree.fromstring(data))
    return forged


def moved_to_a_forged_message(data):
    """The signature taken over by a forged message, which carries the true one inside the signature."""
    root, signature = parts(data)
    forged = other()
    root.remove(signature)
    forged.append(signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(root)
    return forged


def by_identifier(data):
    """The reference names a part by its identifier instead of the whole document."""
    root, signature = parts(data)
    signature.find(f".//{{{DS}}}Reference").set("URI", "#x")
    root.set("Id", "x")
    return root


def without_uri(data):
    root, signature = parts(data)
    del signature.find(f".//{{{DS}}}Reference").attrib["URI"]
    return root


def in_an_info(data):
    root, signature = parts(data)
    root[-2].append(signature)
    return root


def signed_twice(data):
    root, signature = parts(data)
    root.append(etree.fromstring(etree.tostring(signature)))
    return root


def referring_twice(data):
    root, signature = parts(data)
    info = signature.find(f"{{{DS}}}SignedInfo")
    info.append(etree.fromstring(etree.tostring(info.find(f"{{{DS}}}Reference"))))
    return root


def transforming(algorithm, first=True):
    def change(data):
        root, signature = parts(data)
        transforms = signature.find(f".//{{{DS}}}Transforms")
        extra = etree.Element(f"{{{DS}}}Transform", Algorithm=algorithm)
        transforms.insert(0 if first else len(transforms), extra)
        return root

    return change


def without_transforms(data):
    root, signature = parts(data)
    signature.find(f".//{{{DS}}}Reference").remove(signature.find(f".//{{{DS}}}Transforms"))
    return root


def unsigned(data):
    root, signature = parts(data)
    root.remove(signature)
    return root


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
WITH_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"


@pytest.mark.parametrize(
    ("attack", "codes"),
    [
        (wrapped_around, {"not_enveloped"}),
        (moved_to_a_forged_message, {"signature_broken"}),
        (by_identifier, {"not_the_whole"}),
        (without_uri, {"not_the_whole"}),
        (in_an_info, {"not_enveloped"}),
        (signed_twice, {"several_signatures"}),
        (referring_twice, {"not_the_whole"}),
        (transforming(XPATH), {"bad_transform"}),
        (transforming(XSLT, first=False), {"bad_transform"}),
        (transforming(WITH_COMMENTS, first=False), {"bad_transform"}),
        (without_transforms, {"bad_transform"}),
        (unsigned, {"no_signature"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_whatever_would_make_the_signature_cover_something_else_is_refused(bureau, attack, codes):
    assert refused(etree.tostring(attack(bureau.sign())), bureau.trust) == codes


def test_weak_algorithms_and_keys_are_refused(rsa_key, rsa_bureau, bureau):
    class Yielding(XMLSigner):
        def check_deprecated_methods(self):
            """So that the test can sign as others still do."""

    def signed_with(method, digest):
        return etree.tostring(
            Yielding(signature_algorithm=method, digest_algorithm=digest).sign(
                element(sample()), key=rsa_key, cert=[x509.load_pem_x509_certificate(rsa_bureau.certificate)]
            )
        )

    assert refused(signed_with(SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA256), rsa_bureau.trust) == {"weak_method"}
    assert refused(signed_with(SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA1), rsa_bureau.trust) == {"weak_method"}
    assert verify(signed_with(SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256), rsa_bureau.trust, now=NOW).alert == sample()
    hmac = etree.tostring(XMLSigner(signature_algorithm=SignatureMethod.HMAC_SHA256).sign(element(sample()), key=rsa_bureau.certificate))
    assert refused(hmac, rsa_bureau.trust) == {"weak_method"}
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak = issue("small", small)
    with pytest.raises(CannotSign) as cannot:
        sign(sample(), key=pem(small), certificate=weak)
    assert cannot.value.codes == {"weak_key"}
    bare = re.sub(r"<ds:KeyInfo>.*</ds:KeyInfo>", "", bureau.sign().decode(), flags=re.S).encode()
    assert refused(bare, Trust(certificates=(weak,))) == {"weak_key"}


def test_a_key_that_cannot_sign_is_told_before_anything_goes_out(bureau, stranger):
    for key, certificate, code in (
        (b"rubbish", bureau.certificate, "key_unreadable"),
        (pem(bureau.key, b"secret"), bureau.certificate, "key_unreadable"),
        (pem(bureau.key), b"rubbish", "key_unreadable"),
        (pem(stranger.key), bureau.certificate, "key_mismatch"),
    ):
        with pytest.raises(CannotSign) as refused_:
            sign(sample(), key=key, certificate=certificate)
        assert refused_.value.codes == {code}
    data = sign(sample(), key=pem(bureau.key, b"secret"), certificate=bureau.certificate, password=b"secret")
    assert verify(data, bureau.trust, now=NOW).alert == sample()
    with pytest.raises(cap.CapRefused):
        sign(replace(sample(), infos=()), key=pem(bureau.key), certificate=bureau.certificate)


def test_signed_words_that_break_the_standard_are_refused_too(bureau):
    root = element(sample())
    root.remove(root.find(f"{{{cap.message.NAMESPACE}}}scope"))
    certificate = x509.load_pem_x509_certificate(bureau.certificate)
    signed = XMLSigner(signature_algorithm=SignatureMethod.ECDSA_SHA256).sign(root, key=bureau.key, cert=[certificate])
    with pytest.raises(cap.CapRefused) as caught:
        verify(etree.tostring(signed), bureau.trust, now=NOW)
    assert caught.value.codes == {"missing"}


def test_published_signatures_by_sha1_or_by_two_are_read_and_not_believed(shared):
    folder = shared / "samples/cap"
    trust = Trust(certificates=tuple((folder / f"{who}_x509_cert.pem").read_bytes() for who in ("naads", "environment_canada")))
    at = datetime(2013, 2, 1, tzinfo=UTC)
    canada, earthquake = (folder / "canada_signed.cap").read_bytes(), (folder / "earthquake_signed.cap").read_bytes()
    assert cap.read(canada).signed
    assert cap.read(earthquake).signed
    assert refused(canada, trust, at) == {"several_signatures"}
    assert refused(earthquake, trust, at) == {"weak_method", "bad_transform"}
    root = etree.fromstring(canada)
    root.remove(root.findall(f"{{{DS}}}Signature")[0])
    assert refused(etree.tostring(root), trust, at) == {"weak_method"}
