/* probe_query.c - what decides whether a device is fit, and where it sits. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "device/probe_impl.h"

/* Where a device sits, and whether a display hangs on it, in the words of vendors:
 * cl_khr_pci_bus_info, cl_amd_device_attribute_query, cl_nv_device_attribute_query. */
enum {
    PCI_BUS_INFO_KHR = 0x410F,
    TOPOLOGY_AMD = 0x4037,
    PCI_BUS_NV = 0x4008,
    PCI_SLOT_NV = 0x4009,
    PCI_DOMAIN_NV = 0x400A,
    KERNEL_EXEC_TIMEOUT_NV = 0x4005
};

struct place_khr {
    cl_uint domain, bus, device, function;
};

struct place_amd {
    cl_uint type; /* 1: PCI express */
    cl_uchar unused[17];
    cl_uchar bus, device, function;
};

static void write_place(char *out, size_t size, unsigned domain, unsigned bus, unsigned device,
                        unsigned function)
{
    snprintf(out, size, "%04x:%02x:%02x.%x", domain & 0xffff, bus & 0xff, device & 0x1f,
             function & 7);
}

static bool ask(void *out, size_t size, cl_device_id id, cl_device_info what)
{
    return clGetDeviceInfo(id, what, size, out, NULL) == CL_SUCCESS;
}

static void find_place(char *out, size_t size, cl_device_id id)
{
    struct place_khr khr;
    struct place_amd amd;
    cl_uint bus, slot, domain = 0;

    out[0] = '\0';
    if (ask(&khr, sizeof khr, id, PCI_BUS_INFO_KHR))
        write_place(out, size, khr.domain, khr.bus, khr.device, khr.function);
    else if (ask(&amd, sizeof amd, id, TOPOLOGY_AMD) && amd.type == 1)
        write_place(out, size, 0, amd.bus, amd.device, amd.function);
    else if (ask(&bus, sizeof bus, id, PCI_BUS_NV) && ask(&slot, sizeof slot, id, PCI_SLOT_NV)) {
        ask(&domain, sizeof domain, id, PCI_DOMAIN_NV);
        write_place(out, size, domain, bus, slot >> 3, slot & 7);
    }
}

int scl_probed_query(struct scl_probed_device *out, cl_platform_id platform, cl_device_id id)
{
    cl_bool available = CL_FALSE, compiler = CL_FALSE, little = CL_FALSE, watchdog = CL_FALSE;
    cl_uint bits = 0;
    char profile[64] = "";
    const int rc = scl_facts_query(&out->facts, platform, id);

    memset(&out->trial, 0, sizeof out->trial);
    if (rc < 0)
        return rc;
    ask(&available, sizeof available, id, CL_DEVICE_AVAILABLE);
    ask(&compiler, sizeof compiler, id, CL_DEVICE_COMPILER_AVAILABLE);
    ask(&little, sizeof little, id, CL_DEVICE_ENDIAN_LITTLE);
    ask(&bits, sizeof bits, id, CL_DEVICE_ADDRESS_BITS);
    ask(profile, sizeof profile - 1, id, CL_DEVICE_PROFILE);
    ask(&watchdog, sizeof watchdog, id, KERNEL_EXEC_TIMEOUT_NV);
    out->is_available = available;
    out->has_compiler = compiler;
    out->is_little_endian = little;
    out->is_full_profile = strcmp(profile, "FULL_PROFILE") == 0;
    out->has_watchdog = watchdog;
    out->address_bits = (int)bits;
    find_place(out->pci, sizeof out->pci, id);
    return SCL_OK;
}
