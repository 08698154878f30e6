package io.engagementwebhooks.secrets;

import io.engagementwebhooks.operate.jmx.ManagementBeans;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.apache.camel.CamelContext;

/**
 * All that JMX tells of a product to who asks: each attribute, each operation that asks for nothing, or for yes or no, and
 * each of ours that only reads.
 */
final class Jmx {

    /** Would end, empty or change something, or is the machine's and not ours. */
    private static final Pattern NOT_ASKED = Pattern.compile(
            "(?i)(stop|start|suspend|resume|remove|reset|shutdown|restart|gc|clear|purge|evict|destroy|delete|close|abort"
                    + "|softEvict|reload|cleanup|disable|enable|force|trigger|pause|interrupt|run|set|attach|detach|step).*");

    private static final Set<String> NOT_OURS = Set.of("com.sun.management", "jdk.management.jfr", "JMImplementation");

    private Jmx() {}

    /**
     * @param camel the product's; beans of other products in this process are not asked
     * @param asked which operations of Camel are asked, by their names
     * @param ours what the operations of ours that change nothing are asked about, by their names
     */
    static void writeTo(Emitted emitted, CamelContext camel, Predicate<String> asked, Map<String, List<List<?>>> ours)
            throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(null, null)) {
            if (NOT_OURS.contains(name.getDomain()) || isOfAnother(name, camel.getName())) {
                continue;
            }
            String where = "JMX " + name;
            MBeanInfo info = server.getMBeanInfo(name);
            emitted.add(where, info.toString());
            for (MBeanAttributeInfo attribute : info.getAttributes()) {
                if (attribute.isReadable()) {
                    emitted.add(where, attribute.getName() + "=" + attribute(server, name, attribute.getName()));
                }
            }
            for (MBeanOperationInfo operation : info.getOperations()) {
                if (name.getDomain().equals(ManagementBeans.DOMAIN)) {
                    for (List<?> arguments : ours.getOrDefault(operation.getName(), List.of())) {
                        emitted.add(
                                where + " " + operation.getName(),
                                arguments + "=" + operation(server, name, operation, arguments));
                    }
                } else if (asked.test(operation.getName())
                        && isAsked(operation)
                        && tellsMost(operation, info.getOperations())) {
                    List<Object> yes = Collections.nCopies(operation.getSignature().length, true);
                    emitted.add(where, operation.getName() + "()=" + operation(server, name, operation, yes));
                }
            }
        }
    }

    private static boolean isOfAnother(ObjectName name, String context) {
        String of = name.getKeyProperty("context");
        return of != null && !of.equals(context) && !of.equals(ObjectName.quote(context));
    }

    private static boolean isAsked(MBeanOperationInfo operation) {
        return !NOT_ASKED.matcher(operation.getName()).matches()
                && Arrays.stream(operation.getSignature())
                        .allMatch(p -> p.getType().equals("boolean"));
    }

    /** Camel's operations have forms that tell the more the more they are asked, such as with placeholders resolved. */
    private static boolean tellsMost(MBeanOperationInfo operation, MBeanOperationInfo... all) {
        return Arrays.stream(all)
                .filter(other -> other.getName().equals(operation.getName()) && isAsked(other))
                .allMatch(other -> other.getSignature().length <= operation.getSignature().length);
    }

    private static String attribute(MBeanServer server, ObjectName name, String attribute) {
        try {
            return text(server.getAttribute(name, attribute));
        } catch (JMException | RuntimeException e) {
            return e.toString();
        }
    }

    private static String operation(
            MBeanServer server, ObjectName name, MBeanOperationInfo operation, List<?> arguments) {
        String[] types = Arrays.stream(operation.getSignature())
                .map(MBeanParameterInfo::getType)
                .toArray(String[]::new);
        try {
            return text(server.invoke(name, operation.getName(), arguments.toArray(), types));
        } catch (JMException | RuntimeException e) {
            return e.toString();
        }
    }

    private static String text(Object value) {
        if (value instanceof CompositeData data) {
            StringBuilder text = new StringBuilder();
            data.getCompositeType().keySet().forEach(key -> text.append(key)
                    .append('=')
                    .append(text(data.get(key)))
                    .append(' '));
            return text.toString();
        }
        if (value instanceof TabularData data) {
            return text(data.values());
        }
        if (value instanceof Map<?, ?> map) {
            return text(map.keySet()) + text(map.values());
        }
        if (value instanceof Collection<?> all) {
            StringBuilder text = new StringBuilder();
            all.forEach(one -> text.append(text(one)).append('\n'));
            return text.toString();
        }
        return value instanceof Object[] array ? text(Arrays.asList(array)) : String.valueOf(value);
    }
}
