// module.cpp - the extension module n1codec._core: one bind_ function for each file of the binding.
#include "binding.h"

#include <chrono>
#include <thread>

void Unlocked::end()
{
    at_end_ = true;
    while (under_way_) {
        PyThreadState *state = PyEval_SaveThread();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        PyEval_RestoreThread(state);
    }
}

NB_MODULE(_core, m)
{
    nb::module_::import_("atexit").attr("register")(nb::cpp_function(&Unlocked::end));
    nb::object os = nb::module_::import_("os");
    if (nb::hasattr(os, "register_at_fork"))
        os.attr("register_at_fork")(nb::arg("after_in_child") = nb::cpp_function(&Unlocked::forked));
    nb::set_leak_warnings(false); // what daemon threads hold at the interpreter's end, they hold for ever
    m.doc() = "The native core of n1codec. Private: use the functions of the package.";
    bind_entropy(m);
    bind_integrity(m);
    bind_n1(m);
    bind_stream(m);
    bind_transforms(m);
    bind_wire(m);
}
