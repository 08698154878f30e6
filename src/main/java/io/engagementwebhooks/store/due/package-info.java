/** Due rows: finds, postpones and ends pending deliveries, and keeps FIFO order. It does not send. */
package io.engagementwebhooks.store.due;
