/** Copies a whole store: a backup of an embedded store, and a copy of it to PostgreSQL. */
package io.engagementwebhooks.store.transfer;
