/**
 * What every caller of a third party needs for its credentials: tokens that are fetched once, pauses after failures, and
 * secrets taken out of texts. It knows the {@link io.engagementwebhooks.ledger ledger} alone.
 */
package io.engagementwebhooks.credential;
