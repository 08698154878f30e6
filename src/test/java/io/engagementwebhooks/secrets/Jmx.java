package io.engagementwebhooks.secrets;

import io.engagementwebhooks.operate.jmx.ManagementBeans;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * All that JMX tells to who asks: each attribute, each operation that asks for nothing, or for yes or no, and each of ours
 * that only reads.
 */
final class Jmx {

    /** Would end, empty or change something, or is the machine's and not ours. */
    private static final Pattern NOT_ASKED = Pattern.compile(
            "(?i)(stop|start|suspend|resume|remove|reset|shutdown|restart|gc|clear|purge|evict|destroy|delete|close|abort"
                    + "|softEvict|reload|cleanup|disable|enable|force|trigger|pause|interrupt|run|set|attach|detach|step).*");

    /** Of one route what its context tells of all. */
    private static final Pattern TOLD_OF_ALL_ROUTES = Pattern.compile("dumpRoute(As|Stats).*|processorIds");

    private static final Set<String> NOT_OURS = Set.of("com.sun.management", "jdk.management.jfr", "JMImplementation");

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final Set<ObjectName> ofOthers;

    /** Made before the product starts: beans that are there by then are other tests' or the platform's. */
    Jmx() {
        ofOthers = server.queryNames(null, null);
        ofOthers.removeIf(name -> name.getDomain().startsWith("java."));
    }

    /** @param values what operations of ours are asked about, by the names of their parameters */
    void writeTo(Emitted emitted, Map<String, List<?>> values) throws JMException {
        for (ObjectName name : server.queryNames(null, null)) {
            if (NOT_OURS.contains(name.getDomain()) || ofOthers.contains(name)) {
                continue;
            }
            String where = "JMX " + name;
            MBeanInfo info = server.getMBeanInfo(name);
            emitted.add(where, info.toString());
            for (MBeanAttributeInfo attribute : info.getAttributes()) {
                if (attribute.isReadable()) {
                    emitted.add(where, attribute.getName() + "=" + attribute(name, attribute.getName()));
                }
            }
            for (MBeanOperationInfo operation : info.getOperations()) {
                if (name.getDomain().equals(ManagementBeans.DOMAIN)) {
                    for (List<Object> arguments : arguments(operation, values)) {
                        emitted.add(
                                where + " " + operation.getName(),
                                arguments + "=" + operation(name, operation, arguments));
                    }
                } else if (isAsked(operation)
                        && tellsMost(operation, info.getOperations())
                        && !("routes".equals(name.getKeyProperty("type"))
                                && TOLD_OF_ALL_ROUTES
                                        .matcher(operation.getName())
                                        .matches())) {
                    List<Object> yes = Collections.nCopies(operation.getSignature().length, true);
                    emitted.add(where, operation.getName() + "()=" + operation(name, operation, yes));
                }
            }
        }
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

    /** Of each parameter each value; none of what changes something. */
    private static List<List<Object>> arguments(MBeanOperationInfo operation, Map<String, List<?>> values) {
        List<List<Object>> all = operation.getImpact() == MBeanOperationInfo.INFO ? List.of(List.of()) : List.of();
        for (MBeanParameterInfo parameter : operation.getSignature()) {
            all = all.stream()
                    .flatMap(before -> values.getOrDefault(parameter.getName(), List.of()).stream()
                            .map(value -> Stream.concat(before.stream(), Stream.of(value))
                                    .toList()))
                    .toList();
        }
        return all;
    }

    private String attribute(ObjectName name, String attribute) {
        try {
            return text(server.getAttribute(name, attribute));
        } catch (JMException | RuntimeException e) {
            return e.toString();
        }
    }

    private String operation(ObjectName name, MBeanOperationInfo operation, List<Object> arguments) {
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
