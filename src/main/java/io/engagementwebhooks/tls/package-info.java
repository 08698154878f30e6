/** Limits of TLS connections, of the server and to receivers: what a peer can make a handshake or a record cost. */
package io.engagementwebhooks.tls;
