/**
 * What an operator sees and does over JMX: one MBean for each concern, under {@code io.engagementwebhooks:type=Webhooks}.
 * Only types of the JDK cross the wire, so that a client needs no class of ours, and never a secret or a payload.
 */
package io.engagementwebhooks.operate.jmx;
