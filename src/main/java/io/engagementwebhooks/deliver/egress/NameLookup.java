package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a name. */
@FunctionalInterface
interface NameLookup {

    /** The name service of the machine. */
    NameLookup SYSTEM = InetAddress::getAllByName;

    InetAddress[] addresses(String name) throws UnknownHostException;
}
