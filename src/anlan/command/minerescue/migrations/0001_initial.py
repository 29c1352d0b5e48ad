import anlan.kernel.clock
import anlan.kernel.ids
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('enterprises', '0005_merging'),
    ]

    operations = [
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(max_length=32, verbose_name='状态')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('opened_at', models.DateTimeField(default=anlan.kernel.clock.now, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('incident_id', models.UUIDField(unique=True, verbose_name='突发事件')),
                ('disaster', models.CharField(choices=[('gas', '瓦斯（煤尘）爆炸'), ('fire', '火灾'), ('outburst', '煤与瓦斯突出'), ('poisoning', '中毒窒息'), ('flood', '透水'), ('roof', '冒顶片帮'), ('other', '其他')], max_length=12, verbose_name='灾害')),
                ('opened_by_name', models.CharField(max_length=100, verbose_name='开设人')),
                ('closing_note', models.TextField(blank=True, default='', verbose_name='结束说明')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise', verbose_name='矿山')),
            ],
            options={
                'verbose_name': '矿山救护',
                'verbose_name_plural': '矿山救护',
                'ordering': ['-opened_at', '-id'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('place_code', name='text_pattern_ops'), name='minerescue_operation_place')],
            },
        ),
        migrations.CreateModel(
            name='MinePlace',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=40, verbose_name='地点')),
                ('kind', models.CharField(choices=[('shaft', '井口'), ('base', '井下基地'), ('intake', '进风巷'), ('return', '回风巷'), ('face', '采煤工作面'), ('heading', '掘进工作面'), ('junction', '联络巷'), ('refuge', '避难硐室'), ('seal', '密闭')], max_length=10, verbose_name='类型')),
                ('x', models.FloatField()),
                ('y', models.FloatField()),
                ('minutes', models.PositiveSmallIntegerField(null=True, verbose_name='到基地分钟')),
                ('sensor_ids', models.JSONField(blank=True, default=list)),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='minerescue.operation')),
            ],
            options={
                'verbose_name': '井下地点',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('operation', 'name'), name='minerescue_place_once')],
            },
        ),
        migrations.CreateModel(
            name='Squad',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='小队')),
                ('resource_id', models.UUIDField(null=True, verbose_name='所属队伍')),
                ('unit', models.CharField(blank=True, default='', max_length=120, verbose_name='所属队伍')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='电话或呼号')),
                ('members', models.JSONField(default=list, verbose_name='队员')),
                ('full_pressure', models.FloatField(verbose_name='额定压力（MPa）')),
                ('rated_minutes', models.PositiveSmallIntegerField(verbose_name='额定防护时间（分钟）')),
                ('duty', models.CharField(choices=[('standby', '基地待机'), ('reserve', '休整'), ('away', '已撤离')], max_length=8, verbose_name='状态')),
                ('joined_at', models.DateTimeField()),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='squads', to='minerescue.operation')),
            ],
            options={
                'verbose_name': '救护小队',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('operation', 'name'), name='minerescue_squad_once')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('author_name', models.CharField(max_length=100)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by_name', models.CharField(blank=True, default='', max_length=100)),
                ('lifted_grounds', models.CharField(blank=True, default='', max_length=300)),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='minerescue.operation')),
            ],
            options={
                'verbose_name': '禁止入井',
                'ordering': ['since', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('state', models.CharField(max_length=32, verbose_name='状态')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('opened_at', models.DateTimeField(default=anlan.kernel.clock.now, verbose_name='开始时间')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='结束时间')),
                ('standby_name', models.CharField(blank=True, default='', max_length=60, verbose_name='待机小队')),
                ('purpose', models.CharField(max_length=120, verbose_name='任务')),
                ('trip_minutes', models.PositiveSmallIntegerField(verbose_name='预计往返（分钟）')),
                ('turn_rule', models.CharField(max_length=12, verbose_name='返回规则')),
                ('members', models.JSONField(verbose_name='队员')),
                ('pressures', models.JSONField(verbose_name='入井压力')),
                ('turn_pressure', models.FloatField(verbose_name='返回压力')),
                ('turn_at', models.DateTimeField(verbose_name='应返回时间')),
                ('out_by', models.DateTimeField(verbose_name='最迟出井')),
                ('lowest', models.FloatField(verbose_name='最近最低压力')),
                ('reported_at', models.DateTimeField(verbose_name='最近报告')),
                ('presence_id', models.UUIDField()),
                ('findings', models.JSONField(blank=True, default=list)),
                ('grounds', models.CharField(blank=True, default='', max_length=300, verbose_name='破例理由')),
                ('allowed_by_name', models.CharField(blank=True, default='', max_length=100, verbose_name='批准人')),
                ('recalled_at', models.DateTimeField(null=True, verbose_name='召回时间')),
                ('turned_at', models.DateTimeField(null=True, verbose_name='返回时间')),
                ('left_pressures', models.JSONField(blank=True, default=list, verbose_name='出井压力')),
                ('left_note', models.CharField(blank=True, default='', max_length=200, verbose_name='出井说明')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='minerescue.mineplace', verbose_name='目的地')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='minerescue.operation')),
                ('squad', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='minerescue.squad')),
            ],
            options={
                'verbose_name': '入井记录',
                'ordering': ['opened_at', 'id'],
                'indexes': [models.Index(django.contrib.postgres.indexes.OpClass('place_code', name='text_pattern_ops'), name='minerescue_entry_place'), models.Index(fields=['operation', 'state'], name='minerescue_entry_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('inside', 'returning'))), fields=('squad',), name='minerescue_inside_once')],
            },
        ),
        migrations.CreateModel(
            name='Airway',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('metres', models.FloatField(default=0.0, verbose_name='长度（米）')),
                ('end', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='minerescue.mineplace')),
                ('start', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='minerescue.mineplace')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='airways', to='minerescue.operation')),
            ],
            options={
                'verbose_name': '风路',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('methane', models.FloatField(null=True)),
                ('monoxide', models.FloatField(null=True)),
                ('oxygen', models.FloatField(null=True)),
                ('dioxide', models.FloatField(null=True)),
                ('hydrogen', models.FloatField(null=True)),
                ('temperature', models.FloatField(null=True)),
                ('airflow', models.FloatField(null=True)),
                ('pressures', models.JSONField(blank=True, default=list, verbose_name='氧气压力')),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='说明')),
                ('author_id', models.UUIDField()),
                ('author_name', models.CharField(max_length=100, verbose_name='登记人')),
                ('written_at', models.DateTimeField()),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='minerescue.entry')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='minerescue.operation')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='minerescue.mineplace', verbose_name='地点')),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='minerescue.report')),
            ],
            options={
                'verbose_name': '井下报告',
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['operation', '-at'], name='minerescue_report_time')],
            },
        ),
    ]
