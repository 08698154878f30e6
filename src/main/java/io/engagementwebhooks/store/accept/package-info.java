/** Accepts events with their deliveries, in one transaction or in parts. It does not choose the webhooks. */
package io.engagementwebhooks.store.accept;
