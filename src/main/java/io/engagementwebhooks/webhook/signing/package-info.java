/** Keys that sign requests, and when each signs. They print no secret. */
package io.engagementwebhooks.webhook.signing;
