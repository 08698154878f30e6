"""Run by OtherLanguagesTest, which lays guide.py, the snippets of docs/receivers.md, beside it and gives in CAPTURED what the
running product has really sent."""

import json
import os
import unittest

import guide

with open(os.environ["CAPTURED"], encoding="utf-8") as file:
    CAPTURED = json.load(file)
SECRET = CAPTURED["secret"]
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEYS = guide.public_keys(CAPTURED["jwks"])


class Request:
    """A request as it came, or changed on the way."""

    def __init__(self, name):
        captured = CAPTURED["requests"][name]
        self.method, self.url = captured["method"], captured["url"]
        self.headers, self.body = captured["headers"], captured["body"].encode()

    def having(self, **headers):
        self.headers = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self

    def saying(self, body):
        self.body = body
        return self


class GuideTest(unittest.TestCase):
    def refuses_forgeries(self, accepts):
        self.assertFalse(accepts(Request("standard").saying(b"{}")))
        self.assertFalse(accepts(Request("standard").having(webhook_id="msg_else")))
        self.assertFalse(accepts(Request("standard").having(webhook_timestamp="1614265330")))
        self.assertFalse(accepts(Request("standard").having(webhook_timestamp="now")))
        self.assertFalse(accepts(Request("standard").having(webhook_signature="v1,AAAA v1a,AAAA v1a,A")))
        self.assertFalse(accepts(Request("none")))

    def test_a_shared_secret(self):
        for name in ("standard", "both"):
            request = Request(name)
            self.assertTrue(guide.is_genuine([OTHER_SECRET, SECRET], request.headers, request.body))
            self.assertFalse(guide.is_genuine([OTHER_SECRET], request.headers, request.body))
        self.refuses_forgeries(lambda forged: guide.is_genuine([SECRET], forged.headers, forged.body))

    def test_public_keys(self):
        self.assertEqual({"acme/next", "acme/pair"}, set(KEYS))
        for name in ("standard", "both"):
            request = Request(name)
            self.assertTrue(guide.is_genuine_by_public_key(KEYS, request.headers, request.body))
        self.refuses_forgeries(lambda forged: guide.is_genuine_by_public_key(KEYS, forged.headers, forged.body))

    def test_message_signatures(self):
        def accepts(request, keys=KEYS):
            return guide.is_genuine_message(keys, request.method, request.url, request.headers, request.body)

        for name in ("rfc9421", "both"):
            self.assertTrue(accepts(Request(name)))
            self.assertFalse(accepts(Request(name), keys={}))
            self.assertFalse(accepts(Request(name).saying(b"{}")))
            self.assertFalse(accepts(Request(name).having(webhook_id="msg_else")))
            self.assertFalse(accepts(Request(name).having(content_type="text/plain")))
            self.assertFalse(accepts(Request(name).having(signature="sig1=:AAAA:, sig2=:A:")))
        self.assertFalse(accepts(Request("standard")))


if __name__ == "__main__":
    unittest.main()
