"""The enveloped signature of a CAP message (CAP-v1.2 §3.3.2.1; W3C XML Signature 1.1): written, and verified without trusting anything in it.

Verification gives back the message decoded from the bytes that were signed, never from the document they came in: whatever an attacker
wraps around them is not there any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import verification
from lxml import etree
from signxml import XMLSigner, XMLVerifier
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration

from anlan.kernel.words import N_
from anlan.wire import markup
from anlan.wire.cap.decode import MAXIMUM_BYTES, read
from anlan.wire.cap.encode import element
from anlan.wire.cap.message import NAMESPACES, SIGNATURE_NAMESPACE, Alert, CapRefused, Received
from anlan.wire.cap.rules import check
from anlan.wire.problems import Faulty, Kind, Problem

METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
CANONICAL = frozenset(
    {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    }
)
"""Canonical XML 1.0, 1.1 and exclusive, all without comments: a comment is no part of a warning."""
LEAST_RSA_BITS, LEAST_CURVE_BITS = 2048, 256
"""NIST SP 800-131A Rev. 2, table 2: RSA below 2,048 bits is disallowed; of curves, P-256 and up are taken (project default)."""

NO_SIGNATURE = Kind("no_signature", N_("报文没有签名"))
SEVERAL_SIGNATURES = Kind("several_signatures", N_("报文里有 {count} 个签名，只接受一个覆盖全文的签名"))
NOT_ENVELOPED = Kind("not_enveloped", N_("签名不是 alert 的直接下级，不是 CAP 规定的包封签名（3.3.2.1）"))
NOT_THE_WHOLE = Kind("not_the_whole", N_("签名覆盖的是“{found}”，不是整个报文"))
BAD_TRANSFORM = Kind("bad_transform", N_("签名使用了不接受的变换“{found}”，只接受包封变换和不含注释的规范化"))
WEAK_METHOD = Kind("weak_method", N_("签名算法“{found}”不够安全，请改用 RSA-SHA256、ECDSA-SHA256 或更强的算法"))
WEAK_KEY = Kind("weak_key", N_("签名证书的密钥太弱（{found}），请换用 2048 位以上的 RSA 或 P-256 以上的椭圆曲线密钥"))
NOT_TRUSTED = Kind("not_trusted", N_("签名证书不在登记的证书之列，也不是登记的机构签发的（{found}）"))
NOT_VALID_NOW = Kind("certificate_not_valid", N_("签名证书在 {now} 无效（有效期 {begins} 至 {ends}），请对方更换证书"))
TAMPERED = Kind("tampered", N_("签名与内容不符：报文在签名后被改动，或不是该证书签的"))
BROKEN = Kind("signature_broken", N_("签名的结构不符合 XML 签名标准（{reason}）"))
KEY_UNREADABLE = Kind("key_unreadable", N_("签名私钥或证书无法读取（{reason}），请检查文件和口令"))
KEY_MISMATCH = Kind("key_mismatch", N_("签名私钥与证书不是一对，请检查配置"))
NOBODY_TRUSTED = Kind("nobody_trusted", N_("没有登记任何可信的证书或机构，无法核验签名，请先登记"))


class SignatureRefused(Faulty):
    """The signature is missing, unacceptable or wrong; nothing in the message may be believed for its sake."""

    code: ClassVar[str] = "cap_signature_refused"
    sentence: ClassVar[str] = N_("CAP 报文的签名未通过核验：{why}")


class CannotSign(Faulty):
    """The key or certificate given for signing cannot be used."""

    code: ClassVar[str] = "cap_cannot_sign"
    sentence: ClassVar[str] = N_("无法为 CAP 报文签名：{why}")


@dataclass(frozen=True)
class Trust:
    """Whose signatures count, in PEM: exactly these ``certificates``, or any that these ``authorities`` issued, narrowed to ``subjects``
    (RFC 4514, as ``Verified.subject``) where these are given. Nothing a machine or the message itself brings is trusted besides."""

    certificates: tuple[bytes, ...] = ()
    authorities: tuple[bytes, ...] = ()
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """A message whose signature holds: what was signed, decoded from ``signed_bytes``, and by whom."""

    received: Received
    signed_bytes: bytes
    subject: str
    fingerprint: str
    """SHA-256 of the signing certificate, hexadecimal."""

    @property
    def alert(self) -> Alert:
        """The message."""
        return self.received.alert


def sign(alert: Alert, *, key: bytes, certificate: bytes, password: bytes | None = None) -> bytes:
    """``alert`` as XML with an enveloped signature, exclusive canonical XML, SHA-256 with RSA or ECDSA as the key is.

    ``key`` and ``certificate`` are PEM. Raises :class:`CapRefused` when the message breaks a rule, :class:`CannotSign` for a key that
    cannot be read, is too weak, or does not belong to the certificate.
    """
    problems = check(alert)
    if problems:
        raise CapRefused(problems)
    private, signer = _key_pair(key, certificate, password)
    root = element(alert)
    etree.indent(root)
    method = SignatureMethod.ECDSA_SHA256 if isinstance(private, ec.EllipticCurvePrivateKey) else SignatureMethod.RSA_SHA256
    xml_signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = xml_signer.sign(root, key=private, cert=[signer])
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def _key_pair(
    key: bytes, certificate: bytes, password: bytes | None
) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        private = serialization.load_pem_private_key(key, password)
        signer = x509.load_pem_x509_certificate(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise CannotSign([KEY_UNREADABLE.at(reason=wrong)]) from None
    weak = _weak_key(signer)
    if weak is not None:
        raise CannotSign([weak])
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or private.public_key() != signer.public_key():
        raise CannotSign([KEY_MISMATCH.at()])
    return private, signer


def verify(data: bytes, trust: Trust, *, now: datetime) -> Verified:
    """The message in ``data`` if somebody in ``trust`` signed the whole of it; certificates are judged at ``now`` (aware).

    Raises :class:`SignatureRefused` for what is no acceptable signature or does not hold, :class:`CapRefused` when the bytes are no
    message, or when what was signed breaks the standard.
    """
    try:
        root = markup.parse(data, most_bytes=MAXIMUM_BYTES)
    except Faulty as faulty:
        raise CapRefused(faulty.problems) from None
    problems = list(_shape_problems(root))
    if problems:
        raise SignatureRefused(problems)
    document = etree.tostring(root)
    signers = _signers(root, trust, now)
    for number, signer in enumerate(signers, 1):
        signed_bytes = _signed_bytes(document, signer, now, last=number == len(signers))
        if signed_bytes is not None:
            digest = hashlib.sha256(signer.public_bytes(serialization.Encoding.DER)).hexdigest()
            return Verified(read(signed_bytes), signed_bytes, signer.subject.rfc4514_string(), digest)
    raise SignatureRefused([TAMPERED.at()])


def _shape_problems(root: etree._Element) -> Iterator[Problem]:
    """Everything that would make a signature cover other bytes than the reader takes it to cover, before any of it is computed."""
    if NAMESPACES.get(markup.namespace(root)) is None or markup.name(root) != "alert":
        yield NOT_ENVELOPED.at()
        return
    signatures = list(root.iter(_tag("Signature")))
    if len(signatures) != 1:
        yield SEVERAL_SIGNATURES.at(count=len(signatures)) if signatures else NO_SIGNATURE.at()
        return
    signature = signatures[0]
    if signature.getparent() is not root:
        yield NOT_ENVELOPED.at()
    # Unsigned parts of the signature itself could smuggle a second document past whoever reads on.
    if signature.find(_tag("Object")) is not None:
        yield BROKEN.at(reason="Object")
    references = list(signature.iter(_tag("Reference")))
    if len(references) != 1:
        yield NOT_THE_WHOLE.at(found=f"{len(references)} Reference")
        return
    uri = references[0].get("URI")
    if uri != "":
        yield NOT_THE_WHOLE.at(found=uri)
    yield from _transform_problems(references[0], signature)
    yield from _method_problems(signature)


def _transform_problems(reference: etree._Element, signature: etree._Element) -> Iterator[Problem]:
    transforms = [transform.get("Algorithm", "") for transform in reference.iter(_tag("Transform"))]
    for found in transforms:
        if found != ENVELOPED and found not in CANONICAL:
            yield BAD_TRANSFORM.at(found=found)
    if transforms[:1] != [ENVELOPED] or len(transforms) > 2 or transforms.count(ENVELOPED) != 1:
        yield BAD_TRANSFORM.at(found=" ".join(transforms))
    method = signature.find(f"{_tag('SignedInfo')}/{_tag('CanonicalizationMethod')}")
    found = method.get("Algorithm", "") if method is not None else ""
    if found not in CANONICAL:
        yield BAD_TRANSFORM.at(found=found)


def _method_problems(signature: etree._Element) -> Iterator[Problem]:
    accepted = {"SignatureMethod": {m.value for m in METHODS}, "DigestMethod": {d.value for d in DIGESTS}}
    for name, algorithms in accepted.items():
        for method in signature.iter(_tag(name)):
            if method.get("Algorithm") not in algorithms:
                yield WEAK_METHOD.at(found=method.get("Algorithm", ""))


def _signers(root: etree._Element, trust: Trust, now: datetime) -> list[x509.Certificate]:
    """The certificates the signature may be by, every one of them trusted already. Raises :class:`SignatureRefused` when there is none."""
    if not (trust.certificates or trust.authorities):
        raise SignatureRefused([NOBODY_TRUSTED.at()])
    try:
        registered = [each for pem in trust.certificates for each in x509.load_pem_x509_certificates(pem)]
        authorities = [each for pem in trust.authorities for each in x509.load_pem_x509_certificates(pem)]
    except ValueError as wrong:
        raise SignatureRefused([KEY_UNREADABLE.at(reason=wrong)]) from None
    carried = _carried(root)
    signers = [certificate for certificate in registered if not carried or certificate in carried]
    refused = [NOT_TRUSTED.at(found=carried[0].subject.rfc4514_string() if carried else "—")]
    if not signers and carried and authorities:
        issued, why = _issued(carried, authorities, now)
        if issued is not None and (not trust.subjects or issued.subject.rfc4514_string() in trust.subjects):
            signers = [issued]
        elif issued is None:
            refused = [NOT_TRUSTED.at(found=why)]
    if not signers:
        raise SignatureRefused(refused)
    unfit = [problem for signer in signers for problem in (_weak_key(signer), _out_of_time(signer, now)) if problem is not None]
    if unfit:
        raise SignatureRefused(unfit)
    return signers


def _carried(root: etree._Element) -> list[x509.Certificate]:
    found = []
    for text in root.iter(_tag("X509Certificate")):
        pem = f"-----BEGIN CERTIFICATE-----\n{''.join((text.text or '').split())}\n-----END CERTIFICATE-----\n"
        try:
            found.append(x509.load_pem_x509_certificate(pem.encode("ascii", "replace")))
        except ValueError as wrong:
            raise SignatureRefused([BROKEN.at(reason=wrong)]) from None
    return found


def _issued(carried: list[x509.Certificate], authorities: list[x509.Certificate], now: datetime) -> tuple[x509.Certificate | None, str]:
    """The first certificate carried if a chain leads from it to one of the authorities, or why not."""
    policy = verification.ExtensionPolicy.permit_all().require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _may_sign)
    builder = verification.PolicyBuilder().store(verification.Store(authorities)).time(now)
    verifier = builder.extension_policies(ee_policy=policy, ca_policy=verification.ExtensionPolicy.webpki_defaults_ca())
    try:
        return verifier.build_client_verifier().verify(carried[0], carried[1:]).chain[0], ""
    except verification.VerificationError as wrong:
        return None, str(wrong)


def _may_sign(_policy: object, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature:
        raise ValueError("certificate may not sign")


def _weak_key(certificate: x509.Certificate) -> Problem | None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return WEAK_KEY.at(found=f"RSA {key.key_size}") if key.key_size < LEAST_RSA_BITS else None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return WEAK_KEY.at(found=key.curve.name) if key.key_size < LEAST_CURVE_BITS else None
    return WEAK_KEY.at(found=type(key).__name__)


def _out_of_time(certificate: x509.Certificate, now: datetime) -> Problem | None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if begins <= now <= ends:
        return None
    return NOT_VALID_NOW.at(now=now.isoformat(), begins=begins.date(), ends=ends.date())


def _signed_bytes(document: bytes, signer: x509.Certificate, now: datetime, *, last: bool) -> bytes | None:
    """The bytes ``signer`` signed; nothing when another registered certificate may still fit. Raises :class:`SignatureRefused`."""
    configuration = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=now,
        # What holds where a signature names no canonical form (XML Signature 1.1, §4.4.3.2).
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    try:
        result = XMLVerifier().verify(document, x509_cert=signer, expect_config=configuration)
    except (InvalidCertificate, InvalidDigest, InvalidSignature):
        return None
    except (SignXMLException, ValueError, etree.LxmlError, UnsupportedAlgorithm) as wrong:
        # A registered key of another kind than the signature's says nothing about the others.
        if not last:
            return None
        raise SignatureRefused([BROKEN.at(reason=wrong)]) from None
    if isinstance(result, list):
        raise SignatureRefused([NOT_THE_WHOLE.at(found=f"{len(result)} Reference")])
    return result.signed_data


def _tag(name: str) -> str:
    return f"{{{SIGNATURE_NAMESPACE}}}{name}"
