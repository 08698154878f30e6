// Run by OtherLanguagesTest, which lays guide.mjs, the snippets of docs/receivers.md, beside it and gives in CAPTURED what the
// running product has really sent.
import assert from "node:assert/strict";
import { createHash, createHmac, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import "@shopify/shopify-api/adapters/node";
import { verify as verifyGitHub } from "@octokit/webhooks-methods";
import { LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { isValidSlackRequest } from "@slack/bolt";
import { httpbis } from "http-message-signatures";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import Stripe from "stripe";
import * as guide from "./guide.mjs";

const { secret, older, jwks, requests } = JSON.parse(readFileSync(process.env.CAPTURED, "utf8"));
const keys = await guide.publicKeys(jwks);
const text = (whsec) => whsec.slice("whsec_".length);
const OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const COVERED = ["@method", "@target-uri", "content-type", "content-digest", "webhook-id", "webhook-timestamp"];

const body = (request) => Buffer.from(request.body);
const tampered = (request) => Buffer.from(request.body + " ");
const digest = (bytes) => `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;

/** A copy of the request with other headers. */
const having = (request, headers) => ({ ...request, headers: { ...request.headers, ...headers } });

test("the set of public keys names the account's pairs, the announced one included, and no shared secret", () => {
  assert.deepEqual([...keys.keys()].sort(), ["acme/next", "acme/pair"]);
});

for (const name of ["standard", "both"]) {
  const request = requests[name];

  test(`${name}: the library of Standard Webhooks verifies v1`, () => {
    new Webhook(secret).verify(request.body, request.headers);
    assert.throws(() => new Webhook(secret).verify(tampered(request), request.headers), WebhookVerificationError);
    assert.throws(() => new Webhook(OTHER_SECRET).verify(request.body, request.headers), WebhookVerificationError);
  });

  test(`${name}: the guide verifies v1`, () => {
    assert.ok(guide.isGenuine([OTHER_SECRET, secret], request.headers, body(request)));
    refusesForgeries(request, (forged, bytes) => guide.isGenuine([secret], forged.headers, bytes));
    assert.ok(!guide.isGenuine([OTHER_SECRET], request.headers, body(request)));
  });

  test(`${name}: the guide verifies v1a by the public keys`, () => {
    assert.ok(guide.isGenuineByPublicKey(keys, request.headers, body(request)));
    refusesForgeries(request, (forged, bytes) => guide.isGenuineByPublicKey(keys, forged.headers, bytes));
    const announced = new Map([["acme/next", keys.get("acme/next")]]);
    assert.ok(!guide.isGenuineByPublicKey(announced, request.headers, body(request)));
  });
}

function refusesForgeries(request, accepts) {
  assert.ok(!accepts(request, tampered(request)));
  assert.ok(!accepts(having(request, { "webhook-id": "msg_else" }), body(request)));
  assert.ok(!accepts(having(request, { "webhook-timestamp": "1614265330" }), body(request)));
  assert.ok(!accepts(having(request, { "webhook-timestamp": "now" }), body(request)));
  assert.ok(!accepts(having(request, { "webhook-signature": "v1,AAAA v1a,AAAA" }), body(request)));
  assert.ok(!accepts(requests.none, body(requests.none)));
}

for (const name of ["rfc9421", "both"]) {
  const request = requests[name];

  /** Verifies the signature of one key alone. */
  const verified = (keyid, alg, verify, message = request) =>
    httpbis.verifyMessage(
      {
        keyLookup: async (parameters) => (parameters.keyid === keyid ? { id: keyid, algs: [alg], verify } : null),
        requiredFields: COVERED,
        requiredParams: ["created", "keyid", "alg", "tag"],
        maxAge: 300,
      },
      message,
    );
  const byPair = async (data, signature) => verify(null, data, keys.get("acme/pair"), signature);
  const bySecret = async (data, signature) => {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    return timingSafeEqual(createHmac("sha256", key).update(data).digest(), signature);
  };

  test(`${name}: http-message-signatures verifies ed25519 by the public keys`, async () => {
    assert.equal(request.headers["content-digest"], digest(body(request)));
    assert.equal(await verified("acme/pair", "ed25519", byPair), true);
  });

  test(`${name}: http-message-signatures verifies hmac-sha256`, async () => {
    assert.equal(await verified("acme/shared", "hmac-sha256", bySecret), true);
  });

  test(`${name}: http-message-signatures refuses what was changed on the way`, async () => {
    const changed = [
      { ...request, method: "PATCH" },
      { ...request, url: request.url + "&more" },
      having(request, { "content-type": "text/plain" }),
      having(request, { "content-digest": digest(tampered(request)) }),
      having(request, { "webhook-id": "msg_else" }),
      having(request, { "webhook-timestamp": "1614265330" }),
    ];
    for (const message of changed) {
      assert.equal(await verified("acme/pair", "ed25519", byPair, message), false);
      assert.equal(await verified("acme/shared", "hmac-sha256", bySecret, message), false);
    }
  });

  test(`${name}: the guide verifies by the public keys`, async () => {
    assert.ok(await guide.isGenuineMessage(keys, request, body(request)));
    assert.ok(!(await guide.isGenuineMessage(keys, request, tampered(request))));
    assert.ok(!(await guide.isGenuineMessage(new Map(), request, body(request))));
    assert.ok(!(await guide.isGenuineMessage(keys, { ...request, url: request.url + "&more" }, body(request))));
    assert.ok(!(await guide.isGenuineMessage(keys, requests.none, body(requests.none))));
  });
}

// the forms of other senders, as the guide configures them; their libraries take the secret as text
const shopify = shopifyApi({
  apiKey: "key",
  apiSecretKey: text(secret),
  apiVersion: "2026-01",
  hostName: "shop.example",
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error },
});
const verifiers = {
  github: (request, key) => verifyGitHub(text(key), request.body, request.headers["x-hub-signature-256"]),
  stripe: (request, key) => Stripe.webhooks.constructEvent(request.body, request.headers["stripe-signature"], text(key)),
  slack: (request, key) => isValidSlackRequest({ signingSecret: text(key), body: request.body, headers: request.headers }),
};

for (const [name, verifies] of Object.entries(verifiers)) {
  test(`${name}: its own library verifies, and refuses another body or key`, async () => {
    const request = requests[name];
    const verified = async (message, key) => Boolean(await Promise.resolve().then(() => verifies(message, key)).catch(() => false));
    assert.equal(await verified(request, secret), true);
    assert.equal(await verified({ ...request, body: request.body + " " }, secret), false);
    assert.equal(await verified(request, OTHER_SECRET), false);
    assert.equal(await verified(request, older), name === "stripe", "in a rotation Stripe's form has a signature for each key");
  });
}

test("shopify: its own library verifies, and refuses another body", async () => {
  const verified = (message) => shopify.webhooks.validate({ rawBody: message.body, rawRequest: message });
  assert.equal((await verified(requests.shopify)).valid, true);
  assert.equal((await verified({ ...requests.shopify, body: requests.shopify.body + " " })).reason, "invalid_hmac");
});

test("github: Standard Webhooks stands beside", () => {
  new Webhook(secret).verify(requests.github.body, requests.github.headers);
});
