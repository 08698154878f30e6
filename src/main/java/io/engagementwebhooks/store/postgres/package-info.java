/** PostgreSQL: its dialect, writers and daily partitions. Only the start opens it. */
package io.engagementwebhooks.store.postgres;
