/**
 * Listeners: a developer's command gets the requests that a webhook would send and passes them to a local address. They
 * read accepted events from the store, and know neither the outbox nor attempts.
 */
package io.engagementwebhooks.api.listen;
