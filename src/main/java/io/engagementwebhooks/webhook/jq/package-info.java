/** jq programs within limits of steps, bytes and time. Only the program is public. */
package io.engagementwebhooks.webhook.jq;
