package io.engagementwebhooks.operate.jmx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/**
 * A JMX client as its own process, which trusts what its trust store says. As each of some users it pauses a webhook and
 * prints a line: what it saw.
 */
public final class RemoteClient {

    private RemoteClient() {}

    /** @param arguments port, account, webhook, and for each user name and password */
    public static void main(String[] arguments) throws Exception {
        for (int i = 3; i < arguments.length; i += 2) {
            String[] credentials = {arguments[i], arguments[i + 1]};
            System.out.println(String.join(" ", seen(arguments[0], credentials, arguments[1], arguments[2])));
        }
    }

    private static List<String> seen(String port, String[] credentials, String... webhook) throws Exception {
        List<String> seen = new ArrayList<>();
        Map<String, Object> environment = Map.of(
                JMXConnector.CREDENTIALS,
                credentials,
                "com.sun.jndi.rmi.factory.socket",
                new SslRMIClientSocketFactory());
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://localhost:" + port + "/jmxrmi");
        try (JMXConnector connector = JMXConnectorFactory.connect(url, environment)) {
            MBeanServerConnection jmx = connector.getMBeanServerConnection();
            ObjectName webhooks = ManagementBeans.name("engagement-webhooks", "Webhooks");
            seen.add("accounts " + ((List<?>) jmx.getAttribute(webhooks, "Accounts")).get(0));
            String[] types = {String.class.getName(), String.class.getName()};
            seen.add("state " + jmx.invoke(webhooks, "pause", webhook, types));
        } catch (SecurityException e) {
            seen.add("refused " + e.getMessage());
        }
        return seen;
    }
}
