package io.engagementwebhooks.operate.jmx;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.modelmbean.InvalidTargetObjectTypeException;
import javax.management.modelmbean.ModelMBean;
import javax.management.modelmbean.ModelMBeanInfo;
import org.apache.camel.CamelContext;
import org.apache.camel.management.mbean.ManagedRoute;
import org.apache.camel.support.management.DefaultManagementMBeanAssembler;
import org.apache.camel.support.management.MixinRequiredModelMBean;

/**
 * Camel's MBeans of routes, which share one description of their attributes and operations. Camel makes one for each
 * route: with those of the API that takes 5 % of the start. Thread-safe.
 */
public final class RouteMBeanAssembler extends DefaultManagementMBeanAssembler {

    private final Map<Class<?>, ModelMBeanInfo> byClass = new ConcurrentHashMap<>();

    public RouteMBeanAssembler(CamelContext context) {
        super(context);
    }

    @Override
    public ModelMBean assemble(MBeanServer server, Object managed, ObjectName name) throws JMException {
        if (!(managed instanceof ManagedRoute)) {
            return super.assemble(server, managed, name);
        }
        ModelMBeanInfo info = byClass.get(managed.getClass());
        if (info == null) {
            info = assembler.getMBeanInfo(camelContext, managed, null, name.toString());
            byClass.put(managed.getClass(), info);
        }
        Boolean mask = camelContext.getManagementStrategy().getManagementAgent().getMask();
        MixinRequiredModelMBean bean = new MixinRequiredModelMBean(info, Boolean.TRUE.equals(mask), null, null);
        try {
            bean.setManagedResource(managed, "ObjectReference");
        } catch (InvalidTargetObjectTypeException e) {
            throw new JMException(e.getMessage());
        }
        return bean;
    }
}
