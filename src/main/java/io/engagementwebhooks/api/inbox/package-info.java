/**
 * Test inboxes: addresses of this installation that receive what webhooks send, show it, and judge its signatures. They
 * know nothing of deliveries.
 */
package io.engagementwebhooks.api.inbox;
