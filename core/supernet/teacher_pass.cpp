// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/teacher_pass.h"

#include <ATen/ATen.h>

namespace airframe {

void walkTeacher(const Model& teacher, const at::Tensor& ids,
                 const std::function<bool(int, const at::Tensor&, const at::Tensor&)>& use) {
    at::Tensor h;
    for (int layer = 0; layer < teacher.config().layers; ++layer) {
        at::Tensor x, y;
        {
            const c10::NoGradGuard no_grad;
            if (!h.defined()) h = teacher.embed(ids);
            x = teacher.mixerInput(layer, h);
            y = teacher.mixer(layer).forward(x, nullptr);
            h = teacher.addMlp(layer, teacher.addMixer(layer, h, y));
        }
        if (!use(layer, x, y)) return;
    }
}

TeacherPass runTeacher(const Model& teacher, const at::Tensor& ids, const std::function<bool(int)>& tick) {
    TeacherPass pass;
    walkTeacher(teacher, ids, [&](int layer, const at::Tensor& x, const at::Tensor& y) {
        pass.x.push_back(x);
        pass.y.push_back(y);
        return tick(layer);
    });
    return pass;
}

}  // namespace airframe
