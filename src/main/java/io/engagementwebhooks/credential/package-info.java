/**
 * Credentials for third parties: token caches, backoff, and masking of secrets. Depends only on the
 * {@link io.engagementwebhooks.ledger ledger}.
 */
package io.engagementwebhooks.credential;
