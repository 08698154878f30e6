/** Records attempts and the state and health of webhooks. An outcome applies only to the due row that was taken. */
package io.engagementwebhooks.store.outcome;
