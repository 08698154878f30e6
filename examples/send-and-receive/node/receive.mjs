// Receives requests and verifies their signatures.
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.ACME_SIGNING_SECRET);

createServer(async (request, response) => {
  const body = await buffer(request);
  try {
    webhook.verify(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  // store it here by its webhook-id, respond, then process it
  console.log(request.headers["webhook-id"], body.toString());
  response.writeHead(204).end();
}).listen(process.env.PORT);
