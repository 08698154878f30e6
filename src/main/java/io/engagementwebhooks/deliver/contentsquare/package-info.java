/** The Contentsquare branch of the deliver routes, as far as it knows webhooks: what to write to which session. */
package io.engagementwebhooks.deliver.contentsquare;
