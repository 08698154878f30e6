/**
 * What both databases share: group commit, statements, keys, migrations and retention. It knows SQL and no rule of
 * delivery.
 */
package io.engagementwebhooks.store.jdbc;
