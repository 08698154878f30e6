/**
 * Sessions and single sign-on: takes a proof of identity and gives a sealed cookie. It knows no page but those of the
 * sign-in.
 */
package io.engagementwebhooks.console.signin;
