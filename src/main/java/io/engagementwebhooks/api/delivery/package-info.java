/** Events, deliveries and their attempts, and their replays. It reads the store and leaves sending to the outbox. */
package io.engagementwebhooks.api.delivery;
