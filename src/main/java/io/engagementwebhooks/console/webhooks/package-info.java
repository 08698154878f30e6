/** The pages of webhooks and the Engagement Builder. They edit definitions and leave their rules to the API. */
package io.engagementwebhooks.console.webhooks;
