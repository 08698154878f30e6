/** Instances on one database: session locks, heartbeats and notices. They know partitions and no delivery. */
package io.engagementwebhooks.store.cluster;
