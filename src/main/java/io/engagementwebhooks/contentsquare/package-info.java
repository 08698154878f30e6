/**
 * The Camel component of Contentsquare: takes an enrichment and calls its API. It knows Camel and nothing of webhooks.
 */
package io.engagementwebhooks.contentsquare;
