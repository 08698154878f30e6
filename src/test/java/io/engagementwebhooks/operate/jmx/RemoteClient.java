package io.engagementwebhooks.operate.jmx;

import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/** A JMX client as a process of its own, which trusts what its trust store says: pauses a webhook and prints its state. */
public final class RemoteClient {

    private RemoteClient() {}

    /** @param arguments port, user, password, account, webhook */
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> environment = Map.of(
                JMXConnector.CREDENTIALS,
                new String[] {arguments[1], arguments[2]},
                "com.sun.jndi.rmi.factory.socket",
                new SslRMIClientSocketFactory());
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://localhost:" + arguments[0] + "/jmxrmi");
        try (JMXConnector connector = JMXConnectorFactory.connect(url, environment)) {
            MBeanServerConnection jmx = connector.getMBeanServerConnection();
            ObjectName webhooks = ManagementBeans.name("engagement-webhooks", "Webhooks");
            System.out.println("accounts " + ((String[]) jmx.getAttribute(webhooks, "Accounts"))[0]);
            Object[] which = {arguments[3], arguments[4]};
            String[] types = {String.class.getName(), String.class.getName()};
            System.out.println("state " + jmx.invoke(webhooks, "pause", which, types));
        } catch (SecurityException e) {
            System.out.println("refused " + e.getMessage());
        }
    }
}
