/** Webhooks and accounts: what a definition means. They are immutable and know no store. */
package io.engagementwebhooks.webhook;
