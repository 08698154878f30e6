/** Webhooks: their definitions, state, health, statistics and tests. A test sends by the same route as a delivery. */
package io.engagementwebhooks.api.webhook;
