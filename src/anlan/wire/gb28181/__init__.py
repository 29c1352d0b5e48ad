"""Signalling of GB/T 28181 (public security video): SIP messages, digest authentication, MANSCDP bodies, device codes.

Clauses are those of GB/T 28181-2016, whose messages the edition of 2022 keeps. Media (SDP, RTP) is not spoken here.
"""
