/** What {@code ./quickstart.sh} runs: receivers, an OAuth2 server and stand-ins on loopback, and the product beside them. */
package io.engagementwebhooks.quickstart;
