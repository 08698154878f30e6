/** Keys that sign requests, and when each signs. No method returns a secret. */
package io.engagementwebhooks.webhook.signing;
