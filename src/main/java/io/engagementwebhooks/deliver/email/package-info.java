/** Sends the product's own events by e-mail. */
package io.engagementwebhooks.deliver.email;
